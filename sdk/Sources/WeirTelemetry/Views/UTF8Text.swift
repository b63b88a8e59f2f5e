/// A string field, borrowed: the bytes as they stand, which need not be valid UTF-8.
@frozen
public struct UTF8Text: ~Escapable {
    public let bytes: RawSpan

    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
    }

    @inlinable public var isEmpty: Bool { bytes.byteCount == 0 }

    /// A copy as a `String`; what is not UTF-8 becomes U+FFFD.
    public var string: String {
        unsafe bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }

    @inlinable
    public static func == (text: UTF8Text, literal: StaticString) -> Bool {
        unsafe text.bytes.hasSameBytes(as: literal.utf8Start, count: literal.utf8CodeUnitCount)
    }

    @inlinable
    public static func == (text: UTF8Text, other: UTF8Text) -> Bool {
        text.bytes.hasSameBytes(as: other.bytes)
    }

    /// Compares with a string made at run time, such as a key from the configuration.
    @inlinable
    public static func == (text: UTF8Text, other: String) -> Bool {
        var other = other
        return other.withUTF8 { utf8 in
            guard let start = utf8.baseAddress else { return text.isEmpty }
            return unsafe text.bytes.hasSameBytes(as: start, count: utf8.count)
        }
    }
}

extension RawSpan {
    @inlinable
    public func hasSameBytes(as other: RawSpan) -> Bool {
        unsafe other.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress else { return byteCount == 0 }
            return unsafe hasSameBytes(
                as: start.assumingMemoryBound(to: UInt8.self), count: buffer.count)
        }
    }

    @unsafe
    @inlinable
    func hasSameBytes(as other: UnsafePointer<UInt8>, count: Int) -> Bool {
        guard byteCount == count else { return false }
        let other = unsafe UnsafeRawPointer(other)
        var index = 0
        while index &+ 8 <= count {
            guard
                unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
                    == other.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            else { return false }
            index &+= 8
        }
        while index < count {
            guard
                unsafe unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)
                    == other.load(fromByteOffset: index, as: UInt8.self)
            else { return false }
            index &+= 1
        }
        return true
    }

    /// The bytes in lower-case hex, as trace and span ids are printed.
    public var hex: String {
        var text: [UInt8] = []
        text.reserveCapacity(byteCount * 2)
        for index in 0..<byteCount { text.appendHex(of: byte(index)) }
        return String(decoding: text, as: UTF8.self)
    }

    /// A copy.
    public var array: [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }

    @inlinable
    func byte(_ offset: Int) -> UInt8 {
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }
}

extension [UInt8] {
    /// The bytes in lower-case hex.
    public var hex: String { unsafe span.bytes.hex }

    mutating func appendHex(of byte: UInt8) {
        func digit(_ value: UInt8) -> UInt8 {
            value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
        }
        append(digit(byte >> 4))
        append(digit(byte & 15))
    }
}
