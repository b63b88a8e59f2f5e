import WeirTelemetry

// One line for each data point: `name{key=value} value`.
extension TextWriter {
    mutating func writeNormal(_ metrics: Repeated<MetricView>) {
        var metrics = metrics
        while let metric = metrics.next() {
            switch metric.data {
            case .none: break
            case .gauge(let points), .sum(let points): write(points, of: metric)
            case .histogram(let points): write(points, of: metric)
            case .exponentialHistogram(let points): write(points, of: metric)
            case .summary(let points): write(points, of: metric)
            }
        }
    }

    private mutating func begin(
        _ metric: borrowing MetricView, _ attributes: Repeated<KeyValueView>
    ) {
        put(metric.name)
        put("{")
        pairs(attributes, separator: ",")
        put("}")
    }

    private mutating func write(
        _ points: Repeated<NumberDataPointView>, of metric: borrowing MetricView
    ) {
        var points = points
        while let point = points.next() {
            begin(metric, point.attributes)
            switch point.value {
            case .none: break
            case .int(let number): put(" \(number)")
            case .double(let number): put(" " + shortText(number))
            }
            endLine()
        }
    }

    private mutating func write(
        _ points: Repeated<HistogramDataPointView>, of metric: borrowing MetricView
    ) {
        var points = points
        while let point = points.next() {
            begin(metric, point.attributes)
            putTotals(point.count, sum: point.sum, min: point.min, max: point.max)
            var bounds = point.explicitBounds
            var counts = point.bucketCounts
            while let count = counts.next() {
                put(" ")
                if let bound = bounds.nextDouble() { put("le\(shortText(bound))=") }
                put(String(count))
            }
            endLine()
        }
    }

    private mutating func write(
        _ points: Repeated<ExponentialHistogramDataPointView>, of metric: borrowing MetricView
    ) {
        var points = points
        while let point = points.next() {
            begin(metric, point.attributes)
            putTotals(point.count, sum: point.sum, min: point.min, max: point.max)
            let bounds = ExponentialBounds(scale: point.scale)
            for (bucket, count) in Buckets(point.negative).counts.reversed() {
                put(" ge\(shortText(-bounds.of(bucket).upper))=\(count)")
            }
            if point.zeroCount > 0 {
                put(" zero\(shortText(point.zeroThreshold))=\(point.zeroCount)")
            }
            for (bucket, count) in Buckets(point.positive).counts {
                put(" le\(shortText(bounds.of(bucket).upper))=\(count)")
            }
            endLine()
        }
    }

    private mutating func write(
        _ points: Repeated<SummaryDataPointView>, of metric: borrowing MetricView
    ) {
        var points = points
        while let point = points.next() {
            begin(metric, point.attributes)
            putTotals(point.count, sum: point.sum, min: nil, max: nil)
            var quantiles = point.quantiles
            while let quantile = quantiles.next() {
                put(" q\(shortText(quantile.quantile))=\(shortText(quantile.value))")
            }
            endLine()
        }
    }

    private mutating func putTotals(_ count: UInt64, sum: Double?, min: Double?, max: Double?) {
        put(" count=\(count)")
        if let sum { put(" sum=" + shortText(sum)) }
        if let min { put(" min=" + shortText(min)) }
        if let max { put(" max=" + shortText(max)) }
    }
}
