/// Why reading stopped, before anyone has asked for the line: cheap to make, because the assembler
/// tries a short way first and falls back.
struct ReadFailure: Error {
    var offset: Int
    var expected: StaticString
    /// What was found, where the byte at `offset` does not say it.
    var found: StaticString?

    init(_ offset: Int, _ expected: StaticString, found: StaticString? = nil) {
        self.offset = offset
        self.expected = expected
        self.found = found
    }

    func located(in bytes: RawSpan) -> ExpositionError {
        let found = found.map { "\($0)" } ?? describeByte(at: offset, in: bytes)
        return ExpositionError(
            .syntax, "found \(found), expected \(expected)", at: offset, in: bytes)
    }
}

extension ExpositionError {
    /// An error with its line and column.
    init(_ kind: Kind, _ message: String, at offset: Int, in bytes: RawSpan) {
        var line = 1
        var start = 0
        while true {
            let end = bytes.endOfLine(from: start)
            guard end < offset, end < bytes.byteCount else { break }
            line += 1
            start = end + 1
        }
        self.init(
            kind, message, offset: offset, line: line, column: offset - start + 1)
    }
}

/// What stands at a place, for a person to read.
private func describeByte(at offset: Int, in bytes: RawSpan) -> String {
    guard offset < bytes.byteCount else { return "the end of the exposition" }
    switch bytes.byte(at: offset) {
    case UInt8(ascii: "\n"): return "the end of the line"
    case UInt8(ascii: "\r"): return "a carriage return"
    case UInt8(ascii: "\t"): return "a tab"
    case 0x20: return "a blank"
    case let byte where byte < 0x20 || byte >= 0x7f:
        return "the byte 0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    default: return "\"\(excerpt(at: offset, in: bytes))\""
    }
}

/// The word that begins at a place; at most 20 bytes of it.
private func excerpt(at offset: Int, in bytes: RawSpan) -> String {
    var end = offset + 1
    while end < bytes.byteCount, end < offset + 20 {
        let byte = bytes.byte(at: end)
        guard byte > 0x20, byte < 0x7f, !ByteClass.of(byte).isEmpty || byte == 0x2e else { break }
        end += 1
    }
    return bytes.string(offset..<end)
}
