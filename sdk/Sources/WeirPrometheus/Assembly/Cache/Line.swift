/// A line that a target has exposed, known by its bytes: a series up to its value, or metadata.
struct Line {
    enum Kind: UInt8 {
        /// A series as text; `target` is its ``Series``.
        case textSeries
        /// A series as ``ProtobufKey`` writes it; `target` is its ``Series``.
        case protobufSeries
        /// Metadata; `target` is the ``ExposedFamily``.
        case type, help, unit
        /// The head of a family in protobuf: all of its metadata; `target` is the family.
        case protobufFamily
    }

    /// Its bytes in the cache's keys.
    var keyStart: UInt32
    var keyCount: UInt32
    var hash: UInt32
    /// The line that followed last time: the one that is expected next.
    var next = none
    var target = none
    /// The number of the scrape that had it last.
    var seen: UInt32 = 0
    var kind: Kind
    /// Whether a line that begins with these bytes must be this one. A series that its value
    /// follows without a blank is not.
    var isDelimited: Bool

    var key: Range<Int> {
        let start = Int(keyStart)
        return start..<start &+ Int(keyCount)
    }
}

/// The index that stands for nothing.
let none = UInt32.max

/// A sample's series: one line of a text, or what would be one.
struct Series {
    enum Role: UInt8 {
        /// Its labels are not known, or it doubles another series.
        case unresolved
        /// Relabelling dropped it.
        case dropped
        /// A point of its own.
        case value
        /// A part of a histogram's or a summary's point.
        case bucket, quantile, sum, count
        /// When a point began.
        case created
        /// A native histogram.
        case native
    }

    struct Flags: OptionSet {
        let rawValue: UInt8
        /// It was part of the last scrape that succeeded.
        static let live = Flags(rawValue: 1)
        /// `time` is the sample's own.
        static let hasTime = Flags(rawValue: 2)
        /// There is a ``SampleDetail`` in this scrape.
        static let hasDetail = Flags(rawValue: 4)
        /// It says when something began that is not there, and has a point of its own meanwhile.
        static let standsAlone = Flags(rawValue: 8)
    }

    var value = 0.0
    /// Nanoseconds since 1970.
    var time: UInt64 = 0
    /// The number of the scrape that had it last.
    var seen: UInt32 = 0
    var line: UInt32
    var point = none
    var role = Role.unresolved
    var flags: Flags = []
}

/// What few samples have: exemplars, the buckets of a native histogram, a start.
struct SampleDetail {
    /// Contents of `Exemplar` messages in the scratch.
    var exemplars: [Range<Int>] = []
    /// The fields of an exponential histogram's point that are not common to all points.
    var native: Range<Int>?
    /// Nanoseconds since 1970, from protobuf's `created_timestamp`.
    var created: UInt64 = 0
}
