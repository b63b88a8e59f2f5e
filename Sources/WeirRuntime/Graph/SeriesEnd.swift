import WeirTelemetry

/// A point without a recorded value.
struct SeriesEnd {
    /// What such a point keeps, because each bound and each rank was a series for Prometheus.
    enum Shape {
        case number
        case histogram([Double])
        case summary([Double])
    }

    let shape: Shape
    let attributes: [Attribute]

    init(_ shape: Shape, _ attributes: [Attribute]) {
        self.shape = shape
        self.attributes = attributes
    }
}

extension RequestBuilder {
    mutating func point(_ end: SeriesEnd, at now: UInt64) {
        switch end.shape {
        case .number: point(.none, at: now, attributes: end.attributes)
        case .histogram(let bounds):
            histogramPoint(
                count: 0, sum: nil, bounds: bounds,
                bucketCounts: Array(repeating: 0, count: bounds.count + 1), at: now,
                attributes: end.attributes, hasValue: false)
        case .summary(let ranks):
            summaryPoint(
                count: 0, sum: 0, quantiles: ranks.map { ($0, 0) }, at: now,
                attributes: end.attributes, hasValue: false)
        }
    }
}

// Reading what was written.
extension MetricView {
    var ends: [SeriesEnd] {
        var ends: [SeriesEnd] = []
        switch data {
        case .gauge(var points), .sum(var points):
            while let point = points.next() {
                ends.append(SeriesEnd(.number, copies(point.attributes)))
            }
        case .histogram(var points):
            while let point = points.next() {
                var bounds: [Double] = []
                var values = point.explicitBounds
                while let bound = values.nextDouble() { bounds.append(bound) }
                ends.append(SeriesEnd(.histogram(bounds), copies(point.attributes)))
            }
        case .summary(var points):
            while let point = points.next() {
                var ranks: [Double] = []
                var quantiles = point.quantiles
                while let rank = quantiles.next() { ranks.append(rank.quantile) }
                ends.append(SeriesEnd(.summary(ranks), copies(point.attributes)))
            }
        case .exponentialHistogram, .none: break
        }
        return ends
    }

    var kind: RequestBuilder.MetricKind {
        switch data {
        case .sum: .sum(aggregationTemporality, isMonotonic: isMonotonic)
        case .histogram: .histogram(aggregationTemporality)
        case .exponentialHistogram: .exponentialHistogram(aggregationTemporality)
        case .summary: .summary
        case .gauge, .none: .gauge
        }
    }

    var metadataCopies: [Attribute] { copies(metadata) }
}

private func copies(_ attributes: borrowing Repeated<KeyValueView>) -> [Attribute] {
    var attributes = copy attributes
    var copies: [Attribute] = []
    while let attribute = attributes.next() {
        copies.append(Attribute(attribute.key.string, AttributeValue(attribute.value)))
    }
    return copies
}
