/// Reads Prometheus' text (0.0.4 and 1.0.0, with quoted UTF-8 names) or OpenMetrics' text, line by
/// line, without allocating. It takes what Prometheus' own parser takes and refuses what that
/// refuses.
///
///     var reader = TextReader(body, openMetrics: false)
///     while let entry = try reader.next() {
///         if entry == .sample { print(reader.series, reader.value) }
///     }
///
/// After an error it does not go on. Sources: Prometheus' "Exposition formats" and OpenMetrics 1.0;
/// where practice differs from them, Prometheus' practice counts.
public struct TextReader: ~Escapable {
    /// What a line is.
    public enum Entry: Sendable, Hashable {
        /// `# TYPE`: `name` and `type`.
        case type
        /// `# HELP`: `name` and `text`, still escaped.
        case help
        /// `# UNIT`: `name` and `text`.
        case unit
        case comment
        /// A sample: `series`, `value`, and maybe a timestamp and an exemplar.
        case sample
    }

    /// An exemplar as it stands after ` # `.
    public struct ExemplarText: Sendable {
        /// What is between the braces.
        public var labels: Range<Int>
        public var value: Double
        /// Seconds since 1970.
        public var timestamp: Double?
    }

    public let bytes: RawSpan
    public let isOpenMetrics: Bool
    /// Where the next line begins.
    public internal(set) var position = 0

    // The current entry: ranges of `bytes`.
    public internal(set) var name = 0..<0
    public internal(set) var text = 0..<0
    public internal(set) var type = MetricType.unknown
    /// The whole line, if it is none of a sample.
    public internal(set) var line = 0..<0
    /// The line from its beginning to the value: name, labels and the blanks around them.
    public internal(set) var series = 0..<0
    public internal(set) var value = 0.0
    /// Nanoseconds since 1970, if the sample has one of its own.
    public internal(set) var timestamp: Int64?
    public internal(set) var exemplar: ExemplarText?

    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan, openMetrics: Bool) {
        self.bytes = bytes
        isOpenMetrics = openMetrics
    }

    /// The next line that says something; `nil` at the end.
    @_lifetime(self: copy self)
    public mutating func next() throws(ExpositionError) -> Entry? {
        do throws(ReadFailure) {
            return try nextEntry()
        } catch {
            throw error.located(in: bytes)
        }
    }

    @_lifetime(self: copy self)
    mutating func nextEntry() throws(ReadFailure) -> Entry? {
        if isOpenMetrics { return try nextOpenMetrics() }
        while position < bytes.byteCount {
            skipBlanks()
            guard position < bytes.byteCount else { return nil }
            switch bytes.byte(at: position) {
            case UInt8(ascii: "\n"): position &+= 1
            case UInt8(ascii: "#"): return try metadata()
            // Padding after the end, as some devices send it.
            case 0: position = bytes.byteCount
            default:
                try sample()
                return .sample
            }
        }
        return nil
    }

    @_lifetime(self: copy self)
    private mutating func nextOpenMetrics() throws(ReadFailure) -> Entry? {
        guard position < bytes.byteCount else {
            throw ReadFailure(position, "\"# EOF\" on the last line")
        }
        if bytes.byte(at: position) == UInt8(ascii: "#") { return try openMetricsMetadata() }
        try sample()
        return .sample
    }

    @_lifetime(self: copy self)
    @inline(__always)
    mutating func skipBlanks() {
        while position < bytes.byteCount {
            let byte = bytes.byte(at: position)
            guard byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") else { return }
            position &+= 1
        }
    }

    /// The byte at the position; 0 at the end.
    var current: UInt8 {
        @inline(__always) get { position < bytes.byteCount ? bytes.byte(at: position) : 0 }
    }
}
