/// Why an exposition was refused. The whole scrape fails with it.
public struct ExpositionError: Error, Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// The bytes do not follow the rules of their format.
        case syntax
        /// The Content-Type names no format that is known, and there is no fallback.
        case contentType
        case sampleLimit
        case labelLimit
        case labelNameLengthLimit
        case labelValueLengthLimit
        case nativeHistogramBucketLimit
        /// A series without a valid name, after relabelling.
        case invalidLabels
    }

    public let kind: Kind
    /// What was found and what was expected.
    public let message: String
    /// Where in the exposition, in bytes from its start.
    public let offset: Int
    /// The line, from 1, and the column in bytes, from 1; 0 where there are none (protobuf, limits
    /// that no line broke).
    public let line: Int
    public let column: Int
    /// The samples read before the error, and those that relabelling had not dropped.
    public internal(set) var samplesScraped = 0
    public internal(set) var samplesAfterRelabel = 0

    init(_ kind: Kind, _ message: String, offset: Int = 0, line: Int = 0, column: Int = 0) {
        self.kind = kind
        self.message = message
        self.offset = offset
        self.line = line
        self.column = column
    }
}

extension ExpositionError: CustomStringConvertible {
    public var description: String {
        line == 0 ? message : "line \(line), column \(column): \(message)"
    }
}
