import Glibc
import WeirTelemetry

// Points that hold distributions.
extension TextWriter {
    mutating func write(_ points: Repeated<HistogramDataPointView>) {
        var points = points
        var index = 0
        while let point = points.next() {
            beginPoint(
                "HistogramDataPoints #\(index)", point.attributes, start: point.startTimeUnixNano,
                time: point.timeUnixNano)
            index += 1
            writeTotals(point.count, sum: point.sum, min: point.min, max: point.max)
            var bounds = point.explicitBounds
            var boundIndex = 0
            while let bound = bounds.nextDouble() {
                line("ExplicitBounds #\(boundIndex): ", fixed: bound)
                boundIndex += 1
            }
            var counts = point.bucketCounts
            var bucketIndex = 0
            while let count = counts.next() {
                line("Buckets #\(bucketIndex), Count: \(count)")
                bucketIndex += 1
            }
            line("Flags: ", unlessZero: point.flags)
            write(point.exemplars)
        }
    }

    mutating func write(_ points: Repeated<ExponentialHistogramDataPointView>) {
        var points = points
        var index = 0
        while let point = points.next() {
            beginPoint(
                "ExponentialHistogramDataPoints #\(index)", point.attributes,
                start: point.startTimeUnixNano, time: point.timeUnixNano)
            index += 1
            writeTotals(point.count, sum: point.sum, min: point.min, max: point.max)
            let bounds = ExponentialBounds(scale: point.scale)
            let negative = Buckets(point.negative)
            for (bucket, count) in negative.counts.reversed() {
                let (lower, upper) = bounds.of(bucket)
                line("Bucket [\(fixedText(-upper)), \(fixedText(-lower))), Count: \(count)")
            }
            if point.zeroCount != 0 { line("Bucket [0, 0], Count: \(point.zeroCount)") }
            if point.zeroThreshold != 0 { line("ZeroThreshold: " + shortText(point.zeroThreshold)) }
            for (bucket, count) in Buckets(point.positive).counts {
                let (lower, upper) = bounds.of(bucket)
                line("Bucket (\(fixedText(lower)), \(fixedText(upper))], Count: \(count)")
            }
            line("Flags: ", unlessZero: point.flags)
            write(point.exemplars)
        }
    }

    mutating func write(_ points: Repeated<SummaryDataPointView>) {
        var points = points
        var index = 0
        while let point = points.next() {
            beginPoint(
                "SummaryDataPoints #\(index)", point.attributes, start: point.startTimeUnixNano,
                time: point.timeUnixNano)
            index += 1
            writeTotals(point.count, sum: point.sum, min: nil, max: nil)
            var quantiles = point.quantiles
            var quantileIndex = 0
            while let quantile = quantiles.next() {
                put("QuantileValue #\(quantileIndex): Quantile \(fixedText(quantile.quantile))")
                line(", Value ", fixed: quantile.value)
                quantileIndex += 1
            }
            line("Flags: ", unlessZero: point.flags)
        }
    }

    private mutating func writeTotals(_ count: UInt64, sum: Double?, min: Double?, max: Double?) {
        line("Count: \(count)")
        if let sum { line("Sum: ", fixed: sum) }
        if let min { line("Min: ", fixed: min) }
        if let max { line("Max: ", fixed: max) }
    }
}

/// The buckets of one sign with their indices; a list, because negative ones print backwards.
struct Buckets {
    private(set) var counts: [(index: Int, count: UInt64)] = []

    init(_ view: BucketsView) {
        var values = view.bucketCounts
        var index = Int(view.offset)
        while let count = values.next() {
            counts.append((index, count))
            index += 1
        }
    }
}

/// Where the buckets of an exponential histogram begin and end.
struct ExponentialBounds {
    private let step: Double

    init(scale: Int32) { step = scalbn(1, -scale) }

    /// Powers of 2, so that the bounds of scale 0 and below are exact.
    func of(_ index: Int) -> (lower: Double, upper: Double) {
        (exp2(Double(index) * step), exp2(Double(index + 1) * step))
    }
}
