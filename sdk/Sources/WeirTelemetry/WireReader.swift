/// Reads the fields of one protobuf message, in the order in which they stand.
///
/// It trusts nothing: every read is checked against the end, and reading stops (`nil`, `false`)
/// where the bytes are malformed. On bytes that `scan` has accepted it never stops early.
@frozen
public struct WireReader: ~Escapable {
    @usableFromInline let bytes: RawSpan
    /// Where the next read begins, counted from the start of `bytes`.
    @usableFromInline package var position: Int
    @usableFromInline package let end: Int
    /// Where the field that was last begun starts: its tag.
    @usableFromInline package var fieldStart: Int

    /// A field's number and the type of what follows.
    @frozen
    public struct Tag {
        public let number: Int
        public let wireType: WireType

        @inlinable
        init(number: Int, wireType: WireType) {
            self.number = number
            self.wireType = wireType
        }
    }

    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
        position = 0
        end = bytes.byteCount
        fieldStart = 0
    }

    /// A part of `bytes`; positions still count from the start of `bytes`.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan, at start: Int, end: Int) {
        precondition(start >= 0 && start <= end && end <= bytes.byteCount)
        self.bytes = bytes
        position = start
        self.end = end
        fieldStart = start
    }

    /// Whether `nextTag` gave `nil` because the message ended, not because it is malformed.
    @inlinable public var isAtEnd: Bool { fieldStart == end }

    /// The next field's tag; `nil` at the end and where no valid tag stands.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func nextTag() -> Tag? {
        fieldStart = position
        guard let tag = readVarint(), tag >= 8, tag <= UInt32.max,
            let type = WireType(rawValue: UInt8(truncatingIfNeeded: tag & 7))
        else { return nil }
        return Tag(number: Int(truncatingIfNeeded: tag >> 3), wireType: type)
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readVarint() -> UInt64? {
        guard position < end else { return nil }
        let byte = byte(position)
        guard byte < 0x80 else { return readLongVarint() }
        position &+= 1
        return UInt64(byte)
    }

    @usableFromInline
    @_lifetime(self: copy self)
    mutating func readLongVarint() -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < end, shift < 70 {
            let byte = byte(position)
            position &+= 1
            value |= UInt64(byte & 0x7f) &<< shift
            if byte < 0x80 { return value }
            shift &+= 7
        }
        return nil
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readFixed64() -> UInt64? {
        guard end &- position >= 8 else { return nil }
        let value = unsafe bytes.unsafeLoadUnaligned(
            fromUncheckedByteOffset: position, as: UInt64.self)
        position &+= 8
        return UInt64(littleEndian: value)
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readFixed32() -> UInt32? {
        guard end &- position >= 4 else { return nil }
        let value = unsafe bytes.unsafeLoadUnaligned(
            fromUncheckedByteOffset: position, as: UInt32.self)
        position &+= 4
        return UInt32(littleEndian: value)
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readDouble() -> Double? {
        readFixed64().map(Double.init(bitPattern:))
    }

    /// The place of a length-delimited value, which is moved past.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func readRange() -> Range<Int>? {
        guard let count = readVarint(), count <= UInt64(truncatingIfNeeded: end &- position) else {
            return nil
        }
        let start = position
        position &+= Int(truncatingIfNeeded: count)
        return unsafe Range(uncheckedBounds: (start, position))
    }

    /// The bytes of a length-delimited value, which is moved past.
    @inlinable
    @_lifetime(copy self)
    @_lifetime(self: copy self)
    public mutating func readBytes() -> RawSpan? {
        guard let range = readRange() else { return nil }
        return unsafe bytes.extracting(unchecked: range)
    }

    /// Moves past a field's value; `false` where it is malformed.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func skip(_ tag: Tag) -> Bool {
        switch tag.wireType {
        case .varint: return readVarint() != nil
        case .bytes: return readRange() != nil
        case .fixed64:
            guard end &- position >= 8 else { return false }
            position &+= 8
        case .fixed32:
            guard end &- position >= 4 else { return false }
            position &+= 4
        }
        return true
    }

    /// Four bytes, which have to be there.
    func word(_ offset: Int) -> UInt32 {
        unsafe UInt32(
            littleEndian: bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: offset, as: UInt32.self))
    }

    /// Two bytes, which have to be there.
    func pair(_ offset: Int) -> UInt16 {
        unsafe UInt16(
            littleEndian: bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: offset, as: UInt16.self))
    }

    @inlinable
    func byte(_ offset: Int) -> UInt8 {
        unsafe bytes.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
    }
}
