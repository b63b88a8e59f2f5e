private let base64Alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

extension RawSpan {
    /// The bytes in base64 (RFC 4648, section 4), padded.
    public var base64: String {
        var text: [UInt8] = []
        text.appendBase64(of: self)
        return String(decoding: text, as: UTF8.self)
    }
}

extension [UInt8] {
    /// The bytes in base64 (RFC 4648, section 4), padded.
    public var base64: String { unsafe span.bytes.base64 }

    /// Appends the bytes in base64 (RFC 4648, section 4), padded.
    mutating func appendBase64(of bytes: RawSpan) {
        var index = 0
        while index < bytes.byteCount {
            let left = Swift.min(3, bytes.byteCount - index)
            var group = UInt32(bytes.byte(index)) << 16
            if left > 1 { group |= UInt32(bytes.byte(index + 1)) << 8 }
            if left > 2 { group |= UInt32(bytes.byte(index + 2)) }
            for digit in 0..<4 {
                let isPadding = digit > left
                append(
                    isPadding
                        ? UInt8(ascii: "=")
                        : base64Alphabet[Int(group >> UInt32(18 - 6 * digit) & 63)])
            }
            index += 3
        }
    }

    /// Appends what base64 of either alphabet stands for, padded or not; `false` where it is none.
    mutating func appendDecodedBase64(_ text: [UInt8]) -> Bool {
        var digits = text[...]
        var padding = 0
        while digits.last == UInt8(ascii: "="), padding < 2 {
            digits.removeLast()
            padding += 1
        }
        guard digits.count % 4 != 1, padding == 0 || text.count % 4 == 0 else { return false }
        var group: UInt32 = 0
        var bits = 0
        for digit in digits {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = digit - UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = digit - UInt8(ascii: "a") + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0") + 52
            case UInt8(ascii: "+"), UInt8(ascii: "-"): value = 62
            case UInt8(ascii: "/"), UInt8(ascii: "_"): value = 63
            default: return false
            }
            group = group << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                append(UInt8(truncatingIfNeeded: group >> UInt32(bits)))
            }
        }
        return true
    }
}
