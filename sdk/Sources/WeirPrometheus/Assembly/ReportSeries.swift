import WeirTelemetry

/// The series that a scraper makes about a scrape itself: `up`, `scrape_duration_seconds`.
public struct ReportSeries: Sendable {
    public struct Sample: Sendable, Hashable {
        public var name: String
        /// `nil` is a stale marker: the target is gone.
        public var value: Double?
        public var help: String
        public var unit: String

        public init(_ name: String, _ value: Double?, help: String = "", unit: String = "") {
            self.name = name
            self.value = value
            self.help = help
            self.unit = unit
        }
    }

    /// The content of the `Resource` message, and the attributes of each point as its fields.
    private var resource: [UInt8] = []
    private var attributes: [UInt8] = []

    /// `labels` are the target's; `job` and `instance` become the resource, the others
    /// attributes, but for those that begin with `__`.
    public init(labels: Labels) {
        for label in labels.all {
            switch label.name {
            case "job": resource.appendAttribute(1 << 3 | 2, "service.name", label.value)
            case "instance":
                resource.appendAttribute(1 << 3 | 2, "service.instance.id", label.value)
            case let name where name.hasPrefix("__"): break
            case let name:
                attributes.appendAttribute(
                    OutputFamily.Kind.gauge.attributeTag, name, label.value)
            }
        }
    }

    /// Each sample as a gauge, in an OTLP metrics request: as many items as there are samples.
    /// Behind the request of a scrape it becomes part of that.
    public func request(_ samples: [Sample], at timeUnixNano: UInt64) -> [UInt8] {
        guard !samples.isEmpty else { return [] }
        var request: [UInt8] = []
        request.reserveCapacity(256 * (samples.count + 1))
        request.appendMessage(1) { group in
            group.appendField(1, resource)
            group.appendMessage(2) { scope in
                scope.appendField(1, scopeHead)
                for sample in samples {
                    scope.appendMessage(2) { append(sample, at: timeUnixNano, to: &$0) }
                }
            }
        }
        return request
    }

    private func append(_ sample: Sample, at timeUnixNano: UInt64, to metric: inout [UInt8]) {
        metric.appendField(1, sample.name)
        if !sample.help.isEmpty { metric.appendField(2, sample.help) }
        if !sample.unit.isEmpty { metric.appendField(3, sample.unit) }
        metric.append(contentsOf: gaugeMetadata)
        metric.appendMessage(Int(OutputFamily.Kind.gauge.dataField)) { data in
            data.appendMessage(1) { point in
                point.appendField(3, fixed64: timeUnixNano)
                if let value = sample.value {
                    point.appendField(4, fixed64: value.bitPattern)
                } else {
                    point.appendField(8, varint: 1)
                }
                point.append(contentsOf: attributes)
            }
        }
    }
}

/// The field of a metric that says that it is a gauge of Prometheus'.
private let gaugeMetadata: [UInt8] = {
    var field: [UInt8] = []
    field.appendAttribute(12 << 3 | 2, Provenance.typeKey, MetricType.gauge.rawValue)
    return field
}()
