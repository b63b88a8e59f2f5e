/// Reads JSON (RFC 8259, strictly) value by value over borrowed bytes, without building a tree.
///
/// The caller says what it wants next and gets it or an error. Objects and arrays are read as
///
///     try reader.beginObject()
///     while let key = try reader.nextKey() { ... read or skip one value ... }
///     try reader.beginArray()
///     while try reader.nextElement() { ... read or skip one value ... }
///
/// and `finish()` at the end checks that nothing follows. Text must be UTF-8; a `\u` escape of half
/// a surrogate pair is an error.
public struct JSONReader: ~Escapable {
    package let bytes: RawSpan
    /// The byte at which the next token, or the white space before it, begins.
    public internal(set) var offset = 0
    let maxDepth: Int
    var depth = 0
    /// Whether the object or array just begun has had no member yet.
    var isFirst = false

    /// What the next value is.
    public enum Kind: Sendable, Equatable {
        case object, array, string, number, bool, null
    }

    /// - Parameter maxDepth: how deep objects and arrays may nest.
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan, maxDepth: Int = 512) {
        self.bytes = bytes
        self.maxDepth = maxDepth
    }

    // MARK: Structure

    /// The kind of the next value, which stays unread.
    @_lifetime(self: copy self)
    public mutating func peek() throws(JSONError) -> Kind {
        skipWhiteSpace()
        switch current {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        default: throw unexpected("a value")
        }
    }

    @_lifetime(self: copy self)
    public mutating func beginObject() throws(JSONError) {
        try begin(UInt8(ascii: "{"), "an object")
    }

    @_lifetime(self: copy self)
    public mutating func beginArray() throws(JSONError) {
        try begin(UInt8(ascii: "["), "an array")
    }

    /// The next member's key; its value is to be read next. `nil` when the object has ended.
    @_lifetime(copy self)
    @_lifetime(self: copy self)
    public mutating func nextKey() throws(JSONError) -> JSONText? {
        guard try nextMember(end: UInt8(ascii: "}"), "',' or '}'") else { return nil }
        skipWhiteSpace()
        guard current == UInt8(ascii: "\"") else { throw unexpected("a key in double quotes") }
        let key = try readString()
        skipWhiteSpace()
        guard current == UInt8(ascii: ":") else { throw unexpected("':'") }
        offset += 1
        return key
    }

    /// Whether the array has another element, which is to be read next.
    @_lifetime(self: copy self)
    public mutating func nextElement() throws(JSONError) -> Bool {
        try nextMember(end: UInt8(ascii: "]"), "',' or ']'")
    }

    /// Checks that only white space is left.
    @_lifetime(self: copy self)
    public mutating func finish() throws(JSONError) {
        skipWhiteSpace()
        guard offset == bytes.byteCount else { throw unexpected("the end") }
    }

    @_lifetime(self: copy self)
    private mutating func begin(_ byte: UInt8, _ expected: String) throws(JSONError) {
        skipWhiteSpace()
        guard current == byte else { throw unexpected(expected) }
        guard depth < maxDepth else {
            throw JSONError(
                offset: offset, found: "more than \(maxDepth) levels", expected: "fewer")
        }
        depth += 1
        offset += 1
        isFirst = true
    }

    @_lifetime(self: copy self)
    private mutating func nextMember(end: UInt8, _ expected: String) throws(JSONError) -> Bool {
        skipWhiteSpace()
        if current == end {
            offset += 1
            depth -= 1
            isFirst = false
            return false
        }
        if !isFirst {
            guard current == UInt8(ascii: ",") else { throw unexpected(expected) }
            offset += 1
        }
        isFirst = false
        return true
    }

    // MARK: Scalars

    @_lifetime(self: copy self)
    public mutating func readBool() throws(JSONError) -> Bool {
        skipWhiteSpace()
        if matches("true") { return true }
        if matches("false") { return false }
        throw unexpected("true or false")
    }

    @_lifetime(self: copy self)
    public mutating func readNull() throws(JSONError) {
        skipWhiteSpace()
        guard matches("null") else { throw unexpected("null") }
    }

    @_lifetime(copy self)
    @_lifetime(self: copy self)
    public mutating func readString() throws(JSONError) -> JSONText {
        skipWhiteSpace()
        guard current == UInt8(ascii: "\"") else { throw unexpected("a string") }
        offset += 1
        let start = offset
        let hasEscapes = try skipStringContent()
        return JSONText(
            raw: unsafe bytes.extracting(unchecked: start..<(offset - 1)), hasEscapes: hasEscapes)
    }

    /// The next number as it is written.
    @_lifetime(copy self)
    @_lifetime(self: copy self)
    public mutating func readNumber() throws(JSONError) -> JSONNumber {
        skipWhiteSpace()
        let start = offset
        if current == UInt8(ascii: "-") { offset += 1 }
        if current == UInt8(ascii: "0") {
            offset += 1
        } else {
            try skipDigits()
        }
        var isInteger = true
        if current == UInt8(ascii: ".") {
            isInteger = false
            offset += 1
            try skipDigits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isInteger = false
            offset += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { offset += 1 }
            try skipDigits()
        }
        return JSONNumber(
            raw: unsafe bytes.extracting(unchecked: start..<offset), isInteger: isInteger)
    }

    /// Moves past one value of any kind, checking it as strictly as reading would.
    @_lifetime(self: copy self)
    public mutating func skipValue() throws(JSONError) {
        // Not recursive: the depth limit belongs to the caller, the stack to all of us.
        let outer = depth
        var open: [Kind] = []
        repeat {
            if let container = open.last {
                let more =
                    container == .object ? try skipKey() : try nextElement()
                guard more else {
                    open.removeLast()
                    continue
                }
            }
            let kind = try peek()
            switch kind {
            case .object: try beginObject()
            case .array: try beginArray()
            case .string: _ = try readString()
            case .number: _ = try readNumber()
            case .bool: _ = try readBool()
            case .null: try readNull()
            }
            if kind == .object || kind == .array { open.append(kind) }
        } while depth > outer
    }

    @_lifetime(self: copy self)
    private mutating func skipKey() throws(JSONError) -> Bool {
        try nextKey() != nil
    }
}
