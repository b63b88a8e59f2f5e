/// A string of a JSON text, between its quotes, that `JSONReader` has checked.
public struct JSONText: ~Escapable {
    /// As it is written, escapes included.
    public let raw: RawSpan
    public let hasEscapes: Bool

    @_lifetime(copy raw)
    init(raw: RawSpan, hasEscapes: Bool) {
        self.raw = raw
        self.hasEscapes = hasEscapes
    }

    /// The text with its escapes resolved.
    public var string: String {
        if !hasEscapes {
            return unsafe raw.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        }
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether the text, its escapes resolved, is `other`.
    public func equals(_ other: String) -> Bool {
        if hasEscapes { return string == other }
        var other = other
        return other.withUTF8 { text in
            guard text.count == raw.byteCount else { return false }
            for index in 0..<raw.byteCount {
                guard
                    unsafe raw.unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)
                        == text[index]
                else { return false }
            }
            return true
        }
    }

    /// Appends the text's UTF-8, its escapes resolved.
    public func append(to bytes: inout [UInt8]) {
        guard hasEscapes else {
            unsafe raw.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
            return
        }
        var index = 0
        func next() -> UInt8 {
            defer { index += 1 }
            return unsafe raw.unsafeLoad(fromByteOffset: index, as: UInt8.self)
        }
        func unit() -> UInt32 {
            (0..<4).reduce(0) { value, _ in value << 4 | UInt32(hexDigit(next()) ?? 0) }
        }
        while index < raw.byteCount {
            let byte = next()
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            switch next() {
            case UInt8(ascii: "b"): bytes.append(8)
            case UInt8(ascii: "f"): bytes.append(12)
            case UInt8(ascii: "n"): bytes.append(10)
            case UInt8(ascii: "r"): bytes.append(13)
            case UInt8(ascii: "t"): bytes.append(9)
            case UInt8(ascii: "u"):
                var scalar = unit()
                if scalar & 0xfc00 == 0xd800 {
                    index += 2
                    scalar = 0x10000 + (scalar & 0x3ff) << 10 + unit() & 0x3ff
                }
                // Never nil: the reader has refused lone surrogates.
                bytes.append(contentsOf: String(Unicode.Scalar(scalar) ?? "\u{fffd}").utf8)
            case let other: bytes.append(other)
            }
        }
    }
}

/// A number of a JSON text as it is written; `JSONReader` has checked its form.
public struct JSONNumber: ~Escapable {
    public let raw: RawSpan
    /// Written without fraction and exponent.
    public let isInteger: Bool

    @_lifetime(copy raw)
    init(raw: RawSpan, isInteger: Bool) {
        self.raw = raw
        self.isInteger = isInteger
    }

    public var string: String {
        unsafe raw.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// The value, when it is written as an integer and fits.
    public var int64: Int64? { isInteger ? Int64(string) : nil }

    /// The nearest double; infinite where the number is too large for one.
    public var double: Double {
        // Foundation-free and correctly rounded: the standard library reads it as strtod does.
        Double(string) ?? .nan
    }
}
