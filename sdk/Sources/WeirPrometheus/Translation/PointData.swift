public import WeirTelemetry

/// A data point as it stands in the request, borrowed from it.
@frozen
public enum PointData: ~Escapable {
    case number(NumberDataPointView)
    case histogram(HistogramDataPointView)
    case exponentialHistogram(ExponentialHistogramDataPointView)
    case summary(SummaryDataPointView)
    /// `target_info`, whose value is 1.
    case info(timeUnixNano: UInt64)
}

/// The NaN that Prometheus writes where a series ends.
public let staleMarker = Double(bitPattern: 0x7ff0_0000_0000_0002)

extension PointData {
    @inlinable
    public var timeUnixNano: UInt64 {
        switch self {
        case .number(let point): point.timeUnixNano
        case .histogram(let point): point.timeUnixNano
        case .exponentialHistogram(let point): point.timeUnixNano
        case .summary(let point): point.timeUnixNano
        case .info(let time): time
        }
    }

    /// 0: not known.
    @inlinable
    public var startTimeUnixNano: UInt64 {
        switch self {
        case .number(let point): point.startTimeUnixNano
        case .histogram(let point): point.startTimeUnixNano
        case .exponentialHistogram(let point): point.startTimeUnixNano
        case .summary(let point): point.startTimeUnixNano
        case .info: 0
        }
    }

    /// Whether the point says that its series has ended.
    @inlinable
    public var isStale: Bool {
        switch self {
        case .number(let point): point.flags & 1 != 0
        case .histogram(let point): point.flags & 1 != 0
        case .exponentialHistogram(let point): point.flags & 1 != 0
        case .summary(let point): point.flags & 1 != 0
        case .info: false
        }
    }

    /// The value of each series that the point has: index in ``SeriesIdentity/series``, value.
    /// Buckets are cumulated. Of a stale point every value is ``staleMarker``.
    ///
    /// An index is left out where the point has no value for it (`_sum`), and all of them for an
    /// exponential histogram, which has no classic series, unless it is stale (index 0).
    @inlinable
    public func forEachSample(_ body: (Int, Double) -> Void) {
        switch self {
        case .number(let point):
            if point.flags & 1 != 0 {
                body(0, staleMarker)
            } else if let value = point.value.double {
                body(0, value)
            }
        case .info: body(0, 1)
        case .exponentialHistogram(let point): if point.flags & 1 != 0 { body(0, staleMarker) }
        case .histogram(let point):
            let isStale = point.flags & 1 != 0
            var index = 0
            var counts = point.bucketCounts
            if let first = counts.next() {
                var cumulated = first
                var bounds = point.explicitBounds
                while bounds.next() != nil {
                    body(index, isStale ? staleMarker : Double(cumulated))
                    index &+= 1
                    cumulated &+= counts.next() ?? 0
                }
                body(index, isStale ? staleMarker : Double(point.count))
                index &+= 1
            }
            body(index, isStale ? staleMarker : Double(point.count))
            if isStale {
                body(index &+ 1, staleMarker)
            } else if let sum = point.sum {
                body(index &+ 1, sum)
            }
        case .summary(let point):
            let isStale = point.flags & 1 != 0
            var index = 0
            var quantiles = point.quantiles
            while let quantile = quantiles.next() {
                body(index, isStale ? staleMarker : quantile.value)
                index &+= 1
            }
            body(index, isStale ? staleMarker : Double(point.count))
            body(index &+ 1, isStale ? staleMarker : point.sum)
        }
    }
}
