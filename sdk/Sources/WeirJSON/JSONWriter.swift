/// Appends JSON to a buffer, keeping commas and indentation right.
///
/// It does not check that keys and values alternate; the caller's code has that shape anyway.
public struct JSONWriter: Sendable {
    /// What has been written, as UTF-8.
    public private(set) var bytes: [UInt8]
    private let pretty: Bool
    private var depth = 0
    /// Whether the next member or element needs a comma before it.
    private var needsComma = false
    /// A value follows its key directly.
    private var afterKey = false

    /// - Parameter appendingTo: bytes that stand before, as in a file of lines.
    public init(appendingTo bytes: consuming [UInt8] = [], pretty: Bool = false) {
        self.bytes = bytes
        self.pretty = pretty
    }

    public mutating func beginObject() { begin(UInt8(ascii: "{")) }
    public mutating func endObject() { end(UInt8(ascii: "}")) }
    public mutating func beginArray() { begin(UInt8(ascii: "[")) }
    public mutating func endArray() { end(UInt8(ascii: "]")) }

    public mutating func key(_ name: String) {
        separate()
        quote(name)
        colon()
    }

    /// A key that is ASCII without quotes and backslashes, as literals are.
    public mutating func key(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        unsafe bytes.append(
            contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        colon()
    }

    /// A key that has its quotes and colon already.
    package mutating func key(quoted name: [UInt8]) {
        separate()
        bytes.append(contentsOf: name)
        if pretty { bytes.append(UInt8(ascii: " ")) }
        afterKey = true
    }

    public mutating func string(_ text: String) {
        separate()
        quote(text)
    }

    /// A string given as UTF-8; what is not becomes U+FFFD.
    public mutating func string(utf8 text: RawSpan) {
        separate()
        quote(text)
    }

    public mutating func integer(_ number: some BinaryInteger) {
        separate()
        appendDigits(number)
    }

    /// An integer between quotes, as protobuf's JSON writes 64-bit ones.
    public mutating func quotedInteger(_ number: some BinaryInteger) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        appendDigits(number)
        bytes.append(UInt8(ascii: "\""))
    }

    /// A number; as protobuf's JSON does, `"NaN"`, `"Infinity"` and `"-Infinity"` for what JSON
    /// has no number for.
    public mutating func double(_ number: Double) {
        separate()
        if number.isFinite {
            bytes.append(contentsOf: number.description.utf8)
        } else if number.isNaN {
            bytes.append(contentsOf: "\"NaN\"".utf8)
        } else {
            bytes.append(contentsOf: (number < 0 ? "\"-Infinity\"" : "\"Infinity\"").utf8)
        }
    }

    public mutating func bool(_ flag: Bool) {
        separate()
        bytes.append(contentsOf: (flag ? "true" : "false").utf8)
    }

    public mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    /// Ends a line, so that the next value stands on its own.
    public mutating func newLine() {
        bytes.append(UInt8(ascii: "\n"))
        needsComma = false
    }

    /// A string made of bytes that need no escape: hex, base64.
    package mutating func plainString(_ body: (inout [UInt8]) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        body(&bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    // MARK: Pieces

    private mutating func begin(_ byte: UInt8) {
        separate()
        bytes.append(byte)
        depth += 1
        needsComma = false
    }

    private mutating func end(_ byte: UInt8) {
        depth -= 1
        if needsComma { indent() }
        bytes.append(byte)
        needsComma = true
    }

    private mutating func separate() {
        if afterKey {
            afterKey = false
        } else {
            if needsComma { bytes.append(UInt8(ascii: ",")) }
            if depth > 0 { indent() }
        }
        needsComma = true
    }

    private mutating func colon() {
        bytes.append(UInt8(ascii: ":"))
        if pretty { bytes.append(UInt8(ascii: " ")) }
        afterKey = true
    }

    private mutating func indent() {
        guard pretty else { return }
        bytes.append(UInt8(ascii: "\n"))
        for _ in 0..<depth { bytes.append(contentsOf: "  ".utf8) }
    }

    private mutating func appendDigits(_ number: some BinaryInteger) {
        bytes.append(contentsOf: String(number).utf8)
    }

    private mutating func quote(_ text: String) {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { utf8 in unsafe appendEscaped(utf8.span.bytes) }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func quote(_ text: RawSpan) {
        bytes.append(UInt8(ascii: "\""))
        let valid = unsafe text.withUnsafeBytes { buffer in
            unsafe buffer.allSatisfy { $0 < 0x80 }
                || String(validating: buffer, as: UTF8.self) != nil
        }
        if valid {
            appendEscaped(text)
        } else {
            var repaired = unsafe text.withUnsafeBytes {
                unsafe String(decoding: $0, as: UTF8.self)
            }
            repaired.withUTF8 { utf8 in unsafe appendEscaped(utf8.span.bytes) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Copies runs that need no escape as a whole.
    private mutating func appendEscaped(_ text: RawSpan) {
        unsafe text.withUnsafeBytes { buffer in
            var start = 0
            for index in 0..<buffer.count {
                let byte = unsafe buffer[index]
                if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { continue }
                unsafe bytes.append(contentsOf: buffer[start..<index])
                appendEscape(byte)
                start = index + 1
            }
            unsafe bytes.append(contentsOf: buffer[start...])
        }
    }

    private mutating func appendEscape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\n"): bytes.append(UInt8(ascii: "n"))
        case UInt8(ascii: "\r"): bytes.append(UInt8(ascii: "r"))
        case UInt8(ascii: "\t"): bytes.append(UInt8(ascii: "t"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        default:
            let digits = Array("0123456789abcdef".utf8)
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        }
    }
}
