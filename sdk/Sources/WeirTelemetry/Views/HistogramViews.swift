/// A point of a histogram with explicit bounds.
@frozen
public struct HistogramDataPointView: MessageView, ~Escapable {
    public let bytes: RawSpan
    public var startTimeUnixNano: UInt64 = 0
    public var timeUnixNano: UInt64 = 0
    public var count: UInt64 = 0
    /// `nil` where the sender gave none, as for measurements that can be negative.
    public var sum: Double?
    public var min: Double?
    public var max: Double?
    public var flags: UInt32 = 0

    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
        var reader = WireReader(bytes)
        while let tag = reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (_, .fixed64):
                guard let raw = reader.readFixed64() else { return }
                switch tag.number {
                case 2: startTimeUnixNano = raw
                case 3: timeUnixNano = raw
                case 4: count = raw
                case 5: sum = Double(bitPattern: raw)
                case 11: min = Double(bitPattern: raw)
                case 12: max = Double(bitPattern: raw)
                default: break
                }
            case (10, .varint):
                guard let raw = reader.readVarint() else { return }
                flags = UInt32(truncatingIfNeeded: raw)
            default:
                guard reader.skip(tag) else { return }
            }
        }
    }

    @inlinable
    public var attributes: Repeated<KeyValueView> {
        @_lifetime(copy self) get { Repeated(bytes, number: 9) }
    }

    @inlinable
    public var exemplars: Repeated<ExemplarView> {
        @_lifetime(copy self) get { Repeated(bytes, number: 8) }
    }

    /// Counts of the buckets, not cumulated; one more than there are bounds.
    @inlinable
    public var bucketCounts: NumericValues {
        @_lifetime(copy self) get { NumericValues(bytes, number: 6) }
    }

    /// Upper bounds, inclusive; read them with `nextDouble`.
    @inlinable
    public var explicitBounds: NumericValues {
        @_lifetime(copy self) get { NumericValues(bytes, number: 7) }
    }
}

/// A point of a histogram with exponential buckets.
@frozen
public struct ExponentialHistogramDataPointView: MessageView, ~Escapable {
    public let bytes: RawSpan
    public var startTimeUnixNano: UInt64 = 0
    public var timeUnixNano: UInt64 = 0
    public var count: UInt64 = 0
    public var sum: Double?
    public var min: Double?
    public var max: Double?
    public var zeroCount: UInt64 = 0
    public var zeroThreshold = 0.0
    /// The base of the buckets is 2 to the power of 2 to the power of minus the scale.
    public var scale: Int32 = 0
    public var flags: UInt32 = 0
    /// Of several occurrences the last.
    public var positive: BucketsView
    public var negative: BucketsView

    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
        positive = unsafe BucketsView(bytes.extracting(unchecked: 0..<0))
        negative = unsafe BucketsView(bytes.extracting(unchecked: 0..<0))
        var reader = WireReader(bytes)
        while let tag = reader.nextTag() {
            switch tag.wireType {
            case .fixed64:
                guard let raw = reader.readFixed64() else { return }
                switch tag.number {
                case 2: startTimeUnixNano = raw
                case 3: timeUnixNano = raw
                case 4: count = raw
                case 5: sum = Double(bitPattern: raw)
                case 7: zeroCount = raw
                case 12: min = Double(bitPattern: raw)
                case 13: max = Double(bitPattern: raw)
                case 14: zeroThreshold = Double(bitPattern: raw)
                default: break
                }
            case .varint:
                guard let raw = reader.readVarint() else { return }
                if tag.number == 6 { scale = zigZagDecoded(raw) }
                if tag.number == 10 { flags = UInt32(truncatingIfNeeded: raw) }
            case .bytes:
                guard let content = reader.readBytes() else { return }
                if tag.number == 8 { positive = BucketsView(content) }
                if tag.number == 9 { negative = BucketsView(content) }
            case .fixed32:
                guard reader.skip(tag) else { return }
            }
        }
    }

    @inlinable
    public var attributes: Repeated<KeyValueView> {
        @_lifetime(copy self) get { Repeated(bytes, number: 1) }
    }

    @inlinable
    public var exemplars: Repeated<ExemplarView> {
        @_lifetime(copy self) get { Repeated(bytes, number: 11) }
    }
}

/// The buckets of one sign.
@frozen
public struct BucketsView: MessageView, ~Escapable {
    public let bytes: RawSpan
    /// The index of the first bucket.
    public var offset: Int32 = 0

    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
        var values = NumericValues(bytes, number: 1, isVarint: true)
        while let raw = values.next() { offset = zigZagDecoded(raw) }
    }

    @inlinable
    public var bucketCounts: NumericValues {
        @_lifetime(copy self) get { NumericValues(bytes, number: 2, isVarint: true) }
    }
}

@inlinable
func zigZagDecoded(_ raw: UInt64) -> Int32 {
    let bits = UInt32(truncatingIfNeeded: raw)
    return Int32(bitPattern: bits >> 1) ^ -Int32(bitPattern: bits & 1)
}
