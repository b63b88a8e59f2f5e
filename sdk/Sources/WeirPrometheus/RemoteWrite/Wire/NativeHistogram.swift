/// A native histogram as both messages have it: sparse buckets, integer or float.
public struct NativeHistogram: Sendable, Hashable {
    public enum Count: Sendable, Hashable {
        case int(UInt64)
        case float(Double)

        public var double: Double {
            switch self {
            case .int(let value): Double(value)
            case .float(let value): value
            }
        }
    }

    /// Consecutive buckets. The offset is the gap to the span before; of the first span the index
    /// of its first bucket.
    public struct Span: Sendable, Hashable {
        public var offset: Int32
        public var length: UInt32

        public init(offset: Int32, length: UInt32) {
            self.offset = offset
            self.length = length
        }
    }

    /// The buckets of one sign: integer histograms have deltas, each to the bucket before it, float
    /// histograms have counts.
    public struct Buckets: Sendable, Hashable {
        public var spans: [Span] = []
        public var deltas: [Int64] = []
        public var counts: [Double] = []

        public init() {}
    }

    public enum ResetHint: UInt64, Sendable {
        case unknown = 0
        case yes = 1
        case no = 2
        /// A gauge histogram, which has no resets.
        case gauge = 3
    }

    /// The schema of buckets with bounds of their own.
    public static let customSchema: Int32 = -53

    public var count = Count.int(0)
    public var sum = 0.0
    /// -4 to 8, or ``customSchema``.
    public var schema: Int32 = 0
    public var zeroThreshold = 0.0
    public var zeroCount = Count.int(0)
    public var negative = Buckets()
    public var positive = Buckets()
    public var resetHint = ResetHint.unknown
    /// Milliseconds since 1970.
    public var timestamp: Int64 = 0
    /// Milliseconds since 1970; 0: none. 1.0 has no place for it.
    public var start: Int64 = 0
    /// Upper bounds of custom buckets, without +Inf.
    public var customValues: [Double] = []

    public init() {}

    public var isStale: Bool { sum.bitPattern == staleMarker.bitPattern }
}
