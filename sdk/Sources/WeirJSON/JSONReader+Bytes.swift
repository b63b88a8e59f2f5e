// The reader's steps below a token.
extension JSONReader {
    /// The byte at `offset`; 0, which no token has, at the end.
    var current: UInt8 {
        guard offset < bytes.byteCount else { return 0 }
        return unsafe bytes.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
    }

    @_lifetime(self: copy self)
    mutating func skipWhiteSpace() {
        while true {
            switch current {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"):
                offset += 1
            default:
                return
            }
        }
    }

    /// Moves past the word when it stands here.
    @_lifetime(self: copy self)
    mutating func matches(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard bytes.byteCount - offset >= count else { return false }
        for index in 0..<count {
            let byte = unsafe word.utf8Start[index]
            guard unsafe bytes.unsafeLoad(fromByteOffset: offset + index, as: UInt8.self) == byte
            else {
                return false
            }
        }
        offset += count
        return true
    }

    @_lifetime(self: copy self)
    mutating func skipDigits() throws(JSONError) {
        let start = offset
        while current >= UInt8(ascii: "0"), current <= UInt8(ascii: "9") { offset += 1 }
        if offset == start { throw unexpected("a digit") }
    }

    /// From behind the opening quote to behind the closing one; whether there were escapes.
    @_lifetime(self: copy self)
    mutating func skipStringContent() throws(JSONError) -> Bool {
        var hasEscapes = false
        while true {
            skipPlainText()
            guard offset < bytes.byteCount else { throw unexpected("'\"'") }
            switch current {
            case UInt8(ascii: "\""):
                offset += 1
                return hasEscapes
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try skipEscape()
            case 0..<0x20:
                throw unexpected("no control character in a string (write it as \\u00XX)")
            default:
                try skipMultiByte()
            }
        }
    }

    /// Printable ASCII but quote and backslash, eight bytes at a time.
    @_lifetime(self: copy self)
    private mutating func skipPlainText() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        while bytes.byteCount - offset >= 8 {
            let word = unsafe bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: offset, as: UInt64.self)
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5c)
            // A byte below n sets its top bit in `x - n` unless its own was set (Hacker's Delight).
            let found =
                (quote &- ones) & ~quote | (backslash &- ones) & ~backslash
                | (word &- ones &* 0x20) | word
            if found & tops != 0 { break }
            offset += 8
        }
        while current >= 0x20, current < 0x80, current != 0x22, current != 0x5c { offset += 1 }
    }

    @_lifetime(self: copy self)
    private mutating func skipEscape() throws(JSONError) {
        let start = offset
        offset += 1
        switch current {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            offset += 1
        case UInt8(ascii: "u"):
            offset += 1
            let unit = try skipHex()
            switch unit {
            case 0xd800...0xdbff:
                guard matches("\\u"), case 0xdc00...0xdfff = try skipHex() else {
                    throw loneSurrogate(start)
                }
            case 0xdc00...0xdfff:
                throw loneSurrogate(start)
            default: break
            }
        default:
            throw unexpected("one of \" \\ / b f n r t u after '\\'")
        }
    }

    private func loneSurrogate(_ offset: Int) -> JSONError {
        JSONError(
            offset: offset, found: "half a surrogate pair", expected: "both halves, high first")
    }

    @_lifetime(self: copy self)
    private mutating func skipHex() throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = hexDigit(current) else { throw unexpected("four hex digits") }
            unit = unit << 4 | UInt32(digit)
            offset += 1
        }
        return unit
    }

    /// One character of two to four bytes (Unicode 16, table 3-7).
    @_lifetime(self: copy self)
    private mutating func skipMultiByte() throws(JSONError) {
        let lead = current
        let (count, low, high): (Int, UInt8, UInt8)
        switch lead {
        case 0xc2...0xdf: (count, low, high) = (1, 0x80, 0xbf)
        case 0xe0: (count, low, high) = (2, 0xa0, 0xbf)
        case 0xed: (count, low, high) = (2, 0x80, 0x9f)
        case 0xe1...0xef: (count, low, high) = (2, 0x80, 0xbf)
        case 0xf0: (count, low, high) = (3, 0x90, 0xbf)
        case 0xf4: (count, low, high) = (3, 0x80, 0x8f)
        case 0xf1...0xf3: (count, low, high) = (3, 0x80, 0xbf)
        default: throw unexpected("UTF-8")
        }
        let start = offset
        offset += 1
        for index in 0..<count {
            let byte = current
            guard byte >= (index == 0 ? low : 0x80), byte <= (index == 0 ? high : 0xbf) else {
                offset = start
                throw unexpected("UTF-8")
            }
            offset += 1
        }
    }

    /// An error at the current byte.
    package func unexpected(_ expected: String) -> JSONError {
        let found: String
        if offset >= bytes.byteCount {
            found = "the end"
        } else if current > 0x20, current < 0x7f {
            found = "'\(Character(Unicode.Scalar(current)))'"
        } else {
            found = "the byte 0x" + String(current, radix: 16)
        }
        return JSONError(offset: offset, found: found, expected: expected)
    }
}

/// The value of a hex digit in either case.
package func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte &- UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte &- UInt8(ascii: "a") &+ 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte &- UInt8(ascii: "A") &+ 10
    default: nil
    }
}
