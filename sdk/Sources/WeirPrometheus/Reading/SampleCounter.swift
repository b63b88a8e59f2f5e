import WeirTelemetry

/// Counts the samples of an exposition that comes in pieces, whichever text format it is in: the
/// lines that are neither empty nor begin with `#`. It says nothing about whether they are valid.
///
/// Bytes that no text has where they stand end the counting: what is no text is not counted.
public struct SampleCounter: Sendable {
    private enum Place: Sendable {
        case lineStart, comment, sample, quoted, escaped, unknown
    }

    /// The samples that have begun.
    public private(set) var count = 0
    private var place = Place.lineStart

    public init() {}

    /// Takes the piece that follows those before it.
    public mutating func add(_ bytes: RawSpan) {
        var index = 0
        while index < bytes.byteCount {
            switch place {
            case .unknown: return
            case .comment:
                index = bytes.endOfLine(from: index)
                if index < bytes.byteCount { place = .lineStart }
            default: step(bytes.byte(at: index))
            }
            index += 1
        }
    }

    private mutating func step(_ byte: UInt8) {
        switch (place, byte) {
        case (.lineStart, UInt8(ascii: "\n")), (.lineStart, UInt8(ascii: " ")),
            (.lineStart, UInt8(ascii: "\t")):
            break
        case (.lineStart, UInt8(ascii: "#")): place = .comment
        case (.lineStart, _):
            let begins = byte == UInt8(ascii: "{") || ByteClass.of(byte).contains(.nameStart)
            place = begins ? .sample : .unknown
            count += begins ? 1 : 0
        case (.sample, UInt8(ascii: "\n")): place = .lineStart
        case (.sample, UInt8(ascii: "\"")): place = .quoted
        case (.sample, ..<0x20) where byte != UInt8(ascii: "\t"): place = .unknown
        // A text may have line breaks within quotes.
        case (.quoted, UInt8(ascii: "\"")): place = .sample
        case (.quoted, UInt8(ascii: "\\")): place = .escaped
        case (.escaped, _): place = .quoted
        default: break
        }
    }
}
