import CWeir
import WeirTelemetry

extension MetricsTable {
    /// The page, and the names of its families, in their order by name.
    ///
    /// Prometheus' own names stay as they are. In others, what Prometheus does not take becomes `_`.
    func exposition(
        _ format: MetricsPage.Format = .prometheus
    ) -> (page: ExpositionText, families: Set<String>) {
        var page = ExpositionText(format)
        var names = Set<String>()
        let families = declared.filter { !$0.points.isEmpty }.map { ($0, $0.name.asMetricName) }
        let all = Set(families.map(\.1))
        for (metric, name) in families.sorted(by: { $0.1 < $1.1 }) {
            // Two names that differ in nothing that Prometheus takes: the first has it.
            guard names.insert(name).inserted else { continue }
            let (family, type) =
                format == .prometheus
                ? (name, metric.expositionType) : metric.openMetrics(name, beside: all)
            page.family(family, type: type, help: metric.description)
            for point in metric.points { page.add(point, name) }
        }
        return (page, names)
    }
}

extension MetricsTable.Declared {
    fileprivate var expositionType: String {
        switch Int(type) {
        case WEIR_COUNTER: "counter"
        case WEIR_HISTOGRAM: "histogram"
        case WEIR_SUMMARY: "summary"
        case WEIR_UNKNOWN: "untyped"
        default: "gauge"
        }
    }

    /// The name and the type of the family. A counter's samples end in _total there, and its name is
    /// what comes before; one that is called otherwise is not known to be a counter.
    fileprivate func openMetrics(
        _ name: String, beside others: Set<String>
    ) -> (name: String, type: String) {
        switch expositionType {
        case "counter":
            let stem = name.removing(suffix: "_total")
            return stem == name || stem.isEmpty || others.contains(stem)
                ? (name, "unknown") : (stem, "counter")
        case "untyped": return (name, "unknown")
        case let type: return (name, type)
        }
    }
}

extension ExpositionText {
    fileprivate mutating func add(_ point: MetricsTable.Point, _ name: String) {
        let labels = point.attributes.map { ($0.key.asLabelName, $0.value.asLabelValue) }
            .sorted { $0.0 < $1.0 }
        switch point.value {
        case .number(.none): break
        case .number(.int(let value)): sample(name, labels, String(value))
        case .number(.double(let value)): sample(name, labels, Self.number(value))
        case .histogram(let bounds, let buckets, let count, let sum):
            var total: UInt64 = 0
            for (bound, bucket) in zip(bounds, buckets) {
                total &+= bucket
                sample(name + "_bucket", labels + [("le", self.bound(bound))], String(total))
            }
            sample(name + "_bucket", labels + [("le", "+Inf")], String(count))
            sample(name + "_sum", labels, Self.number(sum))
            sample(name + "_count", labels, String(count))
        case .summary(let quantiles, let count, let sum):
            for (quantile, value) in quantiles {
                sample(name, labels + [("quantile", self.bound(quantile))], Self.number(value))
            }
            sample(name + "_sum", labels, Self.number(sum))
            sample(name + "_count", labels, String(count))
        }
    }
}

extension String {
    fileprivate var asMetricName: String { keeping { $0 == "_" || $0 == ":" } }
    fileprivate var asLabelName: String { keeping { $0 == "_" } }

    private func keeping(_ isAllowed: (Unicode.Scalar) -> Bool) -> String {
        let isFine = unicodeScalars.allSatisfy {
            isAllowed($0) || ($0.isASCII && $0.properties.isAlphabetic) || ("0"..."9" ~= $0)
        }
        if isFine, let first = unicodeScalars.first, !("0"..."9" ~= first) { return self }
        var result = ""
        for scalar in unicodeScalars {
            let isDigit = "0"..."9" ~= scalar
            if isDigit && result.isEmpty { result = "_" }
            let isKept =
                isDigit || isAllowed(scalar) || (scalar.isASCII && scalar.properties.isAlphabetic)
            result.unicodeScalars.append(isKept ? scalar : "_")
        }
        return result
    }
}

extension AttributeValue {
    fileprivate var asLabelValue: String {
        switch self {
        case .string(let text): text
        case .bool(let flag): flag ? "true" : "false"
        case .int(let number): String(number)
        case .double(let number): ExpositionText.number(number)
        case .bytes, .array, .keyValueList, .empty: ""
        }
    }
}
