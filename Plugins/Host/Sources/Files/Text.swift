/// A piece of a file that was read: cutting it up copies nothing.
struct Text {
    private let bytes: [UInt8]
    private var start: Int
    private var end: Int

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        start = 0
        end = bytes.count
    }

    private init(_ bytes: [UInt8], _ start: Int, _ end: Int) {
        self.bytes = bytes
        self.start = start
        self.end = end
    }

    var isEmpty: Bool { start >= end }
    var count: Int { end - start }
    subscript(index: Int) -> UInt8 { bytes[start + index] }
    var first: UInt8? { isEmpty ? nil : bytes[start] }
    var last: UInt8? { isEmpty ? nil : bytes[end - 1] }

    /// Copied, unless it is a whole file.
    var all: [UInt8] { count == bytes.count ? bytes : Array(bytes[start..<end]) }

    /// The text, with what is not UTF-8 replaced.
    var string: String { String(decoding: bytes[start..<end], as: UTF8.self) }

    /// Takes the next line, without its end; `nil` if nothing is left.
    mutating func nextLine() -> Text? {
        guard start < end else { return nil }
        let begin = start
        while start < end, bytes[start] != UInt8(ascii: "\n") { start += 1 }
        defer { start += 1 }
        return Text(bytes, begin, start)
    }

    /// Takes the next word; `nil` if only blanks are left.
    mutating func nextField() -> Text? {
        while start < end, Text.isBlank(bytes[start]) { start += 1 }
        guard start < end else { return nil }
        let begin = start
        while start < end, !Text.isBlank(bytes[start]) { start += 1 }
        return Text(bytes, begin, start)
    }

    /// Skips words; false if there were fewer.
    mutating func skipFields(_ count: Int) -> Bool {
        for _ in 0..<count where nextField() == nil { return false }
        return true
    }

    /// Takes what stands before the byte, and the byte; `nil`, and nothing taken, if it is not here.
    mutating func take(until byte: UInt8) -> Text? {
        var position = start
        while position < end, bytes[position] != byte { position += 1 }
        guard position < end else { return nil }
        defer { start = position + 1 }
        return Text(bytes, start, position)
    }

    func hasPrefix(_ prefix: StaticString) -> Bool {
        guard prefix.utf8CodeUnitCount <= count else { return false }
        for index in 0..<prefix.utf8CodeUnitCount
        where unsafe prefix.utf8Start[index] != bytes[start + index] {
            return false
        }
        return true
    }

    /// Without the first bytes.
    func dropFirst(_ count: Int) -> Text { Text(bytes, min(end, start + count), end) }
    func dropLast(_ count: Int) -> Text { Text(bytes, start, max(start, end - count)) }

    /// Without blanks and line ends at both ends.
    var trimmed: Text {
        var (begin, stop) = (start, end)
        while begin < stop, Text.isBlank(bytes[begin]) { begin += 1 }
        while stop > begin, Text.isBlank(bytes[stop - 1]) { stop -= 1 }
        return Text(bytes, begin, stop)
    }

    func contains(_ byte: UInt8) -> Bool {
        for index in start..<end where bytes[index] == byte { return true }
        return false
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n")
            || byte == 0 || byte == UInt8(ascii: "\r")
    }

    static func == (text: Text, other: StaticString) -> Bool {
        text.count == other.utf8CodeUnitCount && text.hasPrefix(other)
    }

    static func == (text: Text, other: Text) -> Bool {
        guard text.count == other.count else { return false }
        for index in 0..<text.count where text[index] != other[index] { return false }
        return true
    }
}
