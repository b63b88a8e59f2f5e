/// A measurement to keep beside a point.
public struct Exemplar: Sendable, Hashable {
    public var value: NumberValue
    public var timeUnixNano: UInt64
    public var traceID: [UInt8]
    public var spanID: [UInt8]
    public var filteredAttributes: [Attribute]

    public init(
        _ value: NumberValue, timeUnixNano: UInt64, traceID: [UInt8] = [], spanID: [UInt8] = [],
        filteredAttributes: [Attribute] = []
    ) {
        self.value = value
        self.timeUnixNano = timeUnixNano
        self.traceID = traceID
        self.spanID = spanID
        self.filteredAttributes = filteredAttributes
    }
}

/// The buckets of one sign of an exponential histogram.
public struct ExponentialBuckets: Sendable, Hashable {
    public var offset: Int32
    public var counts: [UInt64]

    public init(offset: Int32, counts: [UInt64]) {
        self.offset = offset
        self.counts = counts
    }
}

// Points of the metric that was begun last. Times are nanoseconds since 1970; a start of 0 means
// that it is not known.
extension RequestBuilder {
    /// A point of a gauge or a sum. `.none` marks a point without a recorded value.
    public mutating func point(
        _ value: NumberValue, at time: UInt64, since start: UInt64 = 0,
        attributes: [Attribute] = [], exemplars: [Exemplar] = []
    ) {
        beginPoint { kind in
            switch kind {
            case .gauge, .sum: true
            default: false
            }
        }
        bytes.appendMessage(1) { point in
            point.appendTimes(start, time)
            switch value {
            case .none: point.appendField(8, varint: 1)
            case .int(let number): point.appendField(6, fixed64: UInt64(bitPattern: number))
            case .double(let number): point.appendField(4, fixed64: number.bitPattern)
            }
            point.appendExemplars(5, exemplars)
            point.appendAttributes(7, attributes)
        }
    }

    /// A point of a histogram: one more count than there are bounds, or none of both.
    ///
    /// - Parameter hasValue: `false` marks a point without a recorded value.
    public mutating func histogramPoint(
        count: UInt64, sum: Double?, min: Double? = nil, max: Double? = nil, bounds: [Double],
        bucketCounts: [UInt64], at time: UInt64, since start: UInt64 = 0,
        attributes: [Attribute] = [], exemplars: [Exemplar] = [], hasValue: Bool = true
    ) {
        beginPoint { if case .histogram = $0 { true } else { false } }
        precondition(
            bucketCounts.count == bounds.count + 1 || bucketCounts.isEmpty && bounds.isEmpty,
            "\(bucketCounts.count) bucket counts for \(bounds.count) bounds")
        bytes.appendMessage(1) { point in
            point.appendTimes(start, time)
            point.appendField(4, fixed64: count)
            if let sum { point.appendField(5, fixed64: sum.bitPattern) }
            if !bucketCounts.isEmpty { point.appendPacked(6, fixed64: bucketCounts) }
            if !bounds.isEmpty {
                point.appendPacked(7, fixed64: bounds.lazy.map(\.bitPattern))
            }
            point.appendExemplars(8, exemplars)
            point.appendAttributes(9, attributes)
            if !hasValue { point.appendField(10, varint: 1) }
            if let min { point.appendField(11, fixed64: min.bitPattern) }
            if let max { point.appendField(12, fixed64: max.bitPattern) }
        }
    }

    /// A point of an exponential histogram.
    public mutating func exponentialHistogramPoint(
        count: UInt64, sum: Double?, min: Double? = nil, max: Double? = nil, scale: Int32,
        zeroCount: UInt64, zeroThreshold: Double = 0, positive: ExponentialBuckets?,
        negative: ExponentialBuckets? = nil, at time: UInt64, since start: UInt64 = 0,
        attributes: [Attribute] = [], exemplars: [Exemplar] = []
    ) {
        beginPoint { if case .exponentialHistogram = $0 { true } else { false } }
        bytes.appendMessage(1) { point in
            point.appendAttributes(1, attributes)
            point.appendTimes(start, time)
            point.appendField(4, fixed64: count)
            if let sum { point.appendField(5, fixed64: sum.bitPattern) }
            point.appendNonZero(6, varint: zigZagEncoded(scale))
            point.appendNonZero(7, fixed64: zeroCount)
            if let positive { point.appendBuckets(8, positive) }
            if let negative { point.appendBuckets(9, negative) }
            point.appendExemplars(11, exemplars)
            if let min { point.appendField(12, fixed64: min.bitPattern) }
            if let max { point.appendField(13, fixed64: max.bitPattern) }
            point.appendNonZero(14, fixed64: zeroThreshold.bitPattern)
        }
    }

    /// A point of a summary.
    ///
    /// - Parameter hasValue: `false` marks a point without a recorded value.
    public mutating func summaryPoint(
        count: UInt64, sum: Double, quantiles: [(quantile: Double, value: Double)],
        at time: UInt64, since start: UInt64 = 0, attributes: [Attribute] = [],
        hasValue: Bool = true
    ) {
        beginPoint { $0 == .summary }
        bytes.appendMessage(1) { point in
            point.appendTimes(start, time)
            point.appendField(4, fixed64: count)
            point.appendField(5, fixed64: sum.bitPattern)
            for (quantile, value) in quantiles {
                point.appendMessage(6) { pair in
                    pair.appendNonZero(1, fixed64: quantile.bitPattern)
                    pair.appendNonZero(2, fixed64: value.bitPattern)
                }
            }
            point.appendAttributes(7, attributes)
            if !hasValue { point.appendField(8, varint: 1) }
        }
    }
}

func zigZagEncoded(_ value: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: value << 1 ^ value >> 31))
}

extension [UInt8] {
    fileprivate mutating func appendTimes(_ start: UInt64, _ time: UInt64) {
        appendNonZero(2, fixed64: start)
        appendField(3, fixed64: time)
    }

    fileprivate mutating func appendExemplars(_ number: Int, _ exemplars: [Exemplar]) {
        for exemplar in exemplars {
            appendMessage(number) { message in
                message.appendField(2, fixed64: exemplar.timeUnixNano)
                switch exemplar.value {
                case .none: break
                case .double(let value): message.appendField(3, fixed64: value.bitPattern)
                case .int(let value): message.appendField(6, fixed64: UInt64(bitPattern: value))
                }
                message.appendNonEmpty(4, exemplar.spanID)
                message.appendNonEmpty(5, exemplar.traceID)
                message.appendAttributes(7, exemplar.filteredAttributes)
            }
        }
    }

    fileprivate mutating func appendBuckets(_ number: Int, _ buckets: ExponentialBuckets) {
        appendMessage(number) { message in
            message.appendNonZero(1, varint: zigZagEncoded(buckets.offset))
            guard !buckets.counts.isEmpty else { return }
            message.appendMessage(2) { list in
                for count in buckets.counts { list.appendVarint(count) }
            }
        }
    }
}
