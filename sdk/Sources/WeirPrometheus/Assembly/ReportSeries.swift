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

    private let labels: Labels

    /// `labels` are the target's; `job` and `instance` become the resource, the others
    /// attributes, but for those that begin with `__`.
    public init(labels: Labels) {
        self.labels = labels
    }

    /// Each sample as a gauge, in an OTLP metrics request: as many items as there are samples.
    /// Behind the request of a scrape it becomes part of that.
    public func request(_ samples: [Sample], at timeUnixNano: UInt64) -> [UInt8] {
        guard !samples.isEmpty else { return [] }
        var resource: [Attribute] = []
        var attributes: [Attribute] = []
        for label in labels.all {
            switch label.name {
            case "job": resource.append(Attribute("service.name", .string(label.value)))
            case "instance":
                resource.append(Attribute("service.instance.id", .string(label.value)))
            case let name where name.hasPrefix("__"): break
            default: attributes.append(Attribute(label.name, .string(label.value)))
            }
        }
        var builder = RequestBuilder(.metrics)
        builder.resource(resource)
        builder.scope(name: Provenance.scopeName)
        for sample in samples {
            builder.metric(
                sample.name, unit: sample.unit, description: sample.help, .gauge,
                metadata: [
                    Attribute(Provenance.typeKey, .string(MetricType.gauge.rawValue))
                ])
            builder.point(
                sample.value.map(NumberValue.double) ?? .none, at: timeUnixNano,
                attributes: attributes)
        }
        return builder.finish()
    }
}
