/// The name and the labels of a series as it stands in a text, which a reader has accepted.
struct SeriesText: ~Escapable {
    private let bytes: RawSpan
    private var position = 0

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) {
        self.bytes = bytes
    }

    /// The name, empty if it is in none of the two places, and the labels as they stand.
    @_lifetime(self: copy self)
    mutating func decode() -> (name: String, labels: [Label]) {
        let start = position
        while position < bytes.byteCount, ByteClass.of(bytes.byte(at: position)).contains(.name) {
            position += 1
        }
        var name = bytes.string(start..<position)
        skipBlanks()
        guard position < bytes.byteCount, bytes.byte(at: position) == UInt8(ascii: "{") else {
            return (name, [])
        }
        position += 1
        let labels = decodeLabels(&name)
        return (name, labels)
    }

    /// The pairs up to a closing brace or the end. A text without a value is the name.
    @_lifetime(self: copy self)
    mutating func decodeLabels(_ name: inout String) -> [Label] {
        var labels: [Label] = []
        while true {
            skipSeparators()
            guard position < bytes.byteCount, bytes.byte(at: position) != UInt8(ascii: "}") else {
                return labels
            }
            let label = decodeWord()
            skipBlanks()
            guard position < bytes.byteCount, bytes.byte(at: position) == UInt8(ascii: "=") else {
                name = label
                continue
            }
            position += 1
            skipBlanks()
            labels.append(Label(label, decodeWord()))
        }
    }

    /// A bare name, or a text in quotes.
    @_lifetime(self: copy self)
    private mutating func decodeWord() -> String {
        guard position < bytes.byteCount else { return "" }
        var start = position
        if bytes.byte(at: start) != UInt8(ascii: "\"") {
            while position < bytes.byteCount,
                ByteClass.of(bytes.byte(at: position)).contains(.label)
            {
                position += 1
            }
            // Nothing that was accepted comes here without a letter; never stand still.
            if position == start { position += 1 }
            return bytes.string(start..<position)
        }
        start += 1
        position = start
        var isEscaped = false
        while position < bytes.byteCount, bytes.byte(at: position) != UInt8(ascii: "\"") {
            if bytes.byte(at: position) == UInt8(ascii: "\\") {
                isEscaped = true
                position += 1
            }
            position += 1
        }
        let end = min(position, bytes.byteCount)
        position = end + 1
        return isEscaped
            ? unescaped(bytes.part(start..<end), quotes: true) : bytes.string(start..<end)
    }

    @_lifetime(self: copy self)
    private mutating func skipBlanks() {
        while position < bytes.byteCount {
            let byte = bytes.byte(at: position)
            guard byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") else { return }
            position += 1
        }
    }

    @_lifetime(self: copy self)
    private mutating func skipSeparators() {
        skipBlanks()
        while position < bytes.byteCount, bytes.byte(at: position) == UInt8(ascii: ",") {
            position += 1
            skipBlanks()
        }
    }
}

/// A text without its escapes: `\\`, `\n` and, where `quotes` says so, `\"`. Another character
/// after a backslash stays, and the backslash too.
func unescaped(_ bytes: RawSpan, quotes: Bool) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.byteCount)
    var index = 0
    while index < bytes.byteCount {
        let byte = bytes.byte(at: index)
        index += 1
        guard byte == UInt8(ascii: "\\"), index < bytes.byteCount else {
            result.append(byte)
            continue
        }
        let escaped = bytes.byte(at: index)
        index += 1
        switch escaped {
        case UInt8(ascii: "n"): result.append(UInt8(ascii: "\n"))
        case UInt8(ascii: "\\"): result.append(escaped)
        case UInt8(ascii: "\"") where quotes: result.append(escaped)
        default: result += [byte, escaped]
        }
    }
    return String(decoding: result, as: UTF8.self)
}
