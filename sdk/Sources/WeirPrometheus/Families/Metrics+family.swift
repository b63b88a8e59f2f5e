public import WeirSDK

extension Metrics {
    /// Writes a family that was read, under the name and labels that it has in Prometheus.
    public mutating func add(_ family: ReadFamily) {
        let usedPrometheusNames = usesPrometheusNames
        usesPrometheusNames = true
        defer { usesPrometheusNames = usedPrometheusNames }
        let (name, unit, help) = (family.name, family.unit, family.help)
        for point in family.points {
            let attributes = Attributes(point.labels)
            switch (point.value, family.type) {
            case (.number(let value), .counter):
                counter(name, unit: unit, help: help, value, attributes)
            case (.number(let value), .gauge):
                gauge(name, unit: unit, help: help, value, attributes)
            case (.number(let value), _):
                unknown(name, unit: unit, help: help, value, attributes)
            case (.histogram(let value), _):
                histogram(
                    name, unit: unit, help: help, bounds: value.bounds, buckets: value.buckets,
                    count: value.count, sum: value.sum, attributes)
            case (.summary(let value), _):
                summary(
                    name, unit: unit, help: help,
                    quantiles: value.quantiles.map { ($0.rank, $0.value) }, count: value.count,
                    sum: value.sum, attributes)
            }
        }
    }
}

extension Attributes {
    /// The labels as attributes, all of them text.
    public init(_ labels: Labels) {
        self.init()
        for label in labels.all { append(label.name, .string(label.value)) }
    }
}
