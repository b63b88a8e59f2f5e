import WeirTelemetry

extension ExpositionPoint {
    /// A point of a request, copied out of it; `nil` if it is stale or has no value, or if it is an
    /// exponential histogram of a scale below -4, for which Prometheus has no schema.
    public init?(
        _ data: borrowing PointData, _ series: ExpositionSeries, hasCreated: Bool, isGauge: Bool
    ) {
        guard !data.isStale else { return nil }
        var exemplars: [SentExemplar] = []
        let value: Value
        switch data {
        case .info: value = .number(1)
        case .number(let point):
            guard let number = point.value.double else { return nil }
            value = .number(number)
            exemplars = copied(point.exemplars, point.timeUnixNano)
        case .histogram(let point):
            var counts: [UInt64] = []
            counts.reserveCapacity(series.bounds.count + 1)
            var all = point.bucketCounts
            while let count = all.next() { counts.append(count) }
            value = .histogram(count: point.count, sum: point.sum, counts: counts)
            exemplars = copied(point.exemplars, point.timeUnixNano)
        case .exponentialHistogram(let point):
            guard let histogram = NativeHistogram(point, isGauge: isGauge) else { return nil }
            value = .native(histogram)
            exemplars = copied(point.exemplars, point.timeUnixNano)
        case .summary(let point):
            var quantiles: [Quantile] = []
            var all = point.quantiles
            while let pair = all.next() { quantiles.append(Quantile(pair.quantile, pair.value)) }
            value = .summary(count: point.count, sum: point.sum, quantiles: quantiles)
        }
        self.init(
            series, value, timeUnixNano: data.timeUnixNano,
            startTimeUnixNano: data.startTimeUnixNano, hasCreated: hasCreated,
            exemplars: exemplars)
    }
}

private func copied(_ exemplars: consuming Repeated<ExemplarView>, _ time: UInt64)
    -> [SentExemplar]
{
    var copies: [SentExemplar] = []
    while let exemplar = exemplars.next() {
        if let copy = SentExemplar(exemplar, pointTimeUnixNano: time) { copies.append(copy) }
    }
    return copies
}
