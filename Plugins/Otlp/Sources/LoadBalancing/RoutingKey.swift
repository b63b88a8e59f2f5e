import WeirTelemetry

/// What decides to which backend a record goes.
enum RoutingKey: String, Sendable, Decodable {
    case traceID, service, resource, metric, streamID, attributes

    /// As the Collector has it, where nothing is set.
    static func standard(_ signal: Signal) -> RoutingKey {
        signal == .metrics ? .service : .traceID
    }

    /// Why this key cannot route that signal; `nil`: it can.
    func fault(_ signal: Signal) -> String? {
        switch (self, signal) {
        case (.traceID, .metrics):
            "routing_key is traceID, and metrics have none: expected service, resource, metric, "
                + "streamID or attributes"
        case (.metric, .traces), (.metric, .logs), (.streamID, .traces), (.streamID, .logs):
            "routing_key is \(rawValue), which only metrics have: expected traceID, service, "
                + "resource or attributes for \(signal.name)"
        default: nil
        }
    }

    /// The smallest piece that has one key: what is larger is not taken apart.
    var unit: PartitionUnit {
        switch self {
        case .service, .resource: .resourceGroup
        case .traceID, .metric: .record
        case .streamID, .attributes: .dataPoint
        }
    }
}

/// Hashes the key of each unit of a request.
struct RoutingKeyHasher {
    let key: RoutingKey
    /// For `attributes`: their names.
    let attributes: [String]
    let signal: Signal
    /// What records without a trace have in place of one: any number, the same for a whole batch.
    let noTrace: UInt64

    func hash(_ bytes: RawSpan, _ place: UnitPlace) -> UInt64 {
        let unit = bytes.extracting(place.unit)
        var hash = KeyHash()
        switch key {
        case .traceID:
            let id = signal == .traces ? SpanView(unit).traceID : LogRecordView(unit).traceID
            guard !id.isEmpty else { return noTrace }
            hash.combine(id)
        case .service:
            let attributes = ResourceGroupView(unit).resource.attributes
            if let name = attributes.first("service.name") { hash.combine(name.bytes) }
        case .resource:
            hash.combine(sum(ResourceGroupView(unit).resource.attributes))
        case .metric:
            hash.combine(MetricView(unit).name.bytes)
        case .streamID:
            let scope = ScopeGroupView(bytes.extracting(place.scope)).scope
            let metric = MetricView(bytes.extracting(place.metric))
            hash.combine(sum(ResourceGroupView(bytes.extracting(place.group)).resource.attributes))
            hash.combine(scope.name.bytes)
            hash.combine(scope.version.bytes)
            hash.combine(sum(scope.attributes))
            hash.combine(metric.name.bytes)
            hash.combine(metric.unit.bytes)
            if place.unit != place.metric { hash.combine(own(metric, unit, sum)) }
        case .attributes:
            for name in attributes { combine(name, bytes, place, into: &hash) }
        }
        return hash.finish()
    }

    /// The value of one attribute: of the resource, else of the scope, else of the record.
    private func combine(
        _ name: String, _ bytes: RawSpan, _ place: UnitPlace, into hash: inout KeyHash
    ) {
        let unit = bytes.extracting(place.unit)
        if let value = ResourceGroupView(bytes.extracting(place.group)).resource.attributes
            .first(name)
        {
            return hash.combine(value.bytes)
        }
        if let value = ScopeGroupView(bytes.extracting(place.scope)).scope.attributes.first(name) {
            return hash.combine(value.bytes)
        }
        switch signal {
        case .traces:
            let span = SpanView(unit)
            // The Collector's names for what is no attribute.
            if name == "span.name" { return hash.combine(span.name.bytes) }
            if name == "span.kind" {
                return hash.combine(UInt64(truncatingIfNeeded: span.kind.rawValue))
            }
            if let value = span.attributes.first(name) { return hash.combine(value.bytes) }
        case .logs:
            if let value = LogRecordView(unit).attributes.first(name) {
                return hash.combine(value.bytes)
            }
        case .metrics:
            guard place.unit != place.metric else { break }
            let metric = MetricView(bytes.extracting(place.metric))
            let isFound = own(metric, unit) { attributes in
                guard let value = attributes.first(name) else { return false }
                hash.combine(value.bytes)
                return true
            }
            if isFound { return }
        }
        // Absent, which is not empty: no value is that long.
        hash.combine(UInt64.max)
    }

    /// Reads the attributes of a data point of this metric.
    private func own<R>(
        _ metric: borrowing MetricView, _ point: RawSpan, _ read: (Repeated<KeyValueView>) -> R
    ) -> R {
        switch metric.data {
        case .none, .gauge, .sum: read(NumberDataPointView(point).attributes)
        case .histogram: read(HistogramDataPointView(point).attributes)
        case .exponentialHistogram: read(ExponentialHistogramDataPointView(point).attributes)
        case .summary: read(SummaryDataPointView(point).attributes)
        }
    }

    /// A hash of attributes that does not depend on their order.
    private func sum(_ attributes: Repeated<KeyValueView>) -> UInt64 {
        var attributes = attributes
        var sum: UInt64 = 0
        while let attribute = attributes.next() {
            var hash = KeyHash()
            hash.combine(attribute.key.bytes)
            hash.combine(attribute.value.bytes)
            sum = sum &+ hash.finish()
        }
        return sum
    }
}
