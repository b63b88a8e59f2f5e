import WeirTelemetry

/// The series that an exporter gave last, so that those that it gives no more are marked at once, as
/// Prometheus marks what a scrape has no more: by a point without a recorded value. Without that, the
/// figures of a server that died would stay as they were until a sink forgets them by itself.
struct GivenSeries: Sendable {
    /// What such a point keeps, because each bound and each rank was a series for Prometheus.
    enum Shape: Sendable, Equatable {
        case number
        case histogram([Double])
        case summary([Double])
    }

    struct Family: Sendable {
        /// Without its points.
        let metric: MetricsTable.Declared
        /// By attributes, in the order of their keys.
        var series: [[Attribute]: Shape]
    }

    private(set) var resource: [Attribute] = []
    private var families: [String: Family] = [:]

    init() {}

    /// Those of a collection.
    init(_ table: MetricsTable) {
        resource = table.resource
        for var metric in table.declared where !metric.points.isEmpty {
            var series: [[Attribute]: Shape] = [:]
            series.reserveCapacity(metric.points.count)
            // A point without a value is the end of its series already.
            for point in metric.points where !point.isEmpty {
                series[point.attributes.sorted { $0.key < $1.key }] = point.shape
            }
            metric.forgetPoints()
            families[metric.name] = Family(metric: metric, series: series)
        }
    }

    var isEmpty: Bool { families.isEmpty }
    var count: Int { families.values.reduce(0) { $0 + $1.series.count } }

    /// In their order by name.
    var all: [Family] {
        families.values.sorted { $0.metric.name < $1.metric.name }
    }

    /// Those that are not among others, which came after them.
    func without(_ later: GivenSeries) -> GivenSeries {
        guard resource == later.resource else { return self }
        var rest = self
        for (name, family) in families {
            guard let other = later.families[name], other.metric.kind == family.metric.kind else {
                continue
            }
            let left = family.series.filter { other.series[$0.key] == nil }
            rest.families[name] =
                left.isEmpty ? nil : Family(metric: family.metric, series: left)
        }
        return rest
    }

    /// Adds those whose end nobody took, so that it is told again. Where the resource has become
    /// another, nobody can be told any more with one.
    mutating func keep(_ others: GivenSeries) {
        guard resource == others.resource || isEmpty else { return }
        resource = others.resource
        for (name, family) in others.families {
            families[name, default: Family(metric: family.metric, series: [:])].series
                .merge(family.series) { mine, _ in mine }
        }
    }
}

extension MetricsTable.Point {
    fileprivate var isEmpty: Bool {
        if case .number(.none) = value { true } else { false }
    }

    fileprivate var shape: GivenSeries.Shape {
        switch value {
        case .number: .number
        case .histogram(let bounds, _, _, _): .histogram(bounds)
        case .summary(let quantiles, _, _): .summary(quantiles.map(\.quantile))
        }
    }
}

extension RequestBuilder {
    /// Points without a recorded value.
    mutating func end(_ series: GivenSeries, at now: UInt64) {
        for family in series.all {
            let metric = family.metric
            self.metric(
                metric.name, unit: metric.unit, description: metric.description, metric.kind,
                metadata: metric.metadata)
            for (attributes, shape) in family.series {
                switch shape {
                case .number: point(.none, at: now, attributes: attributes)
                case .histogram(let bounds):
                    histogramPoint(
                        count: 0, sum: nil, bounds: bounds,
                        bucketCounts: Array(repeating: 0, count: bounds.count + 1), at: now,
                        attributes: attributes, hasValue: false)
                case .summary(let ranks):
                    summaryPoint(
                        count: 0, sum: 0, quantiles: ranks.map { ($0, 0) }, at: now,
                        attributes: attributes, hasValue: false)
                }
            }
        }
    }
}
