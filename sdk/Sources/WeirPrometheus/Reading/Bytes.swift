import WeirTelemetry

// What the text readers do with bytes. Offsets are the reader's own and always inside; the one
// check of each is at the place that makes it.
extension RawSpan {
    @inline(__always)
    func byte(at offset: Int) -> UInt8 {
        unsafe unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
    }

    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        UInt64(
            littleEndian: unsafe unsafeLoadUnaligned(
                fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    @inline(__always)
    @_lifetime(copy self)
    func part(_ range: Range<Int>) -> RawSpan {
        unsafe extracting(unchecked: range)
    }

    func has(_ literal: StaticString, at offset: Int) -> Bool {
        unsafe has(
            RawSpan(_unsafeStart: literal.utf8Start, byteCount: literal.utf8CodeUnitCount),
            at: offset)
    }

    /// The first newline from `offset` on; the end if there is none.
    @inline(__always)
    func endOfLine(from offset: Int) -> Int {
        var index = offset
        while index &+ 8 <= byteCount {
            let matches = zeroBytes(word(at: index) ^ 0x0a0a_0a0a_0a0a_0a0a)
            if matches != 0 { return index &+ matches.trailingZeroBitCount / 8 }
            index &+= 8
        }
        while index < byteCount, byte(at: index) != UInt8(ascii: "\n") { index &+= 1 }
        return index
    }

    /// Whether the bytes are UTF-8.
    func isUTF8(_ range: Range<Int>) -> Bool {
        unsafe part(range).withUnsafeBytes { unsafe WeirTelemetry.isUTF8($0) }
    }

    func string(_ range: Range<Int>) -> String { UTF8Text(part(range)).string }
}

/// The high bit of each byte that is 0, at least of the lowest.
@inline(__always)
func zeroBytes(_ word: UInt64) -> UInt64 {
    (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
}

/// What a byte may be part of.
struct ByteClass: OptionSet {
    let rawValue: UInt8

    /// `[a-zA-Z_:]`
    static let nameStart = ByteClass(rawValue: 1)
    /// `[a-zA-Z_:0-9]`
    static let name = ByteClass(rawValue: 2)
    /// `[a-zA-Z_]`
    static let labelStart = ByteClass(rawValue: 4)
    /// `[a-zA-Z_0-9]`
    static let label = ByteClass(rawValue: 8)

    @inline(__always)
    static func of(_ byte: UInt8) -> ByteClass {
        let letter = byte | 0x20
        if letter >= UInt8(ascii: "a"), letter <= UInt8(ascii: "z") {
            return [.nameStart, .name, .labelStart, .label]
        }
        if byte == UInt8(ascii: "_") { return [.nameStart, .name, .labelStart, .label] }
        if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { return [.name, .label] }
        if byte == UInt8(ascii: ":") { return [.nameStart, .name] }
        return []
    }
}

extension [UInt8] {
    /// The bytes, borrowed. (The compiler calls `Span.bytes` unsafe where it does not see that it is
    /// of bytes.)
    var raw: RawSpan {
        @_lifetime(borrow self)
        @inline(__always)
        get { unsafe span.bytes }
    }
}
