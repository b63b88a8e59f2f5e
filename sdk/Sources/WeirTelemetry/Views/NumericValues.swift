/// The values of a repeated numeric field: packed, one by one, or both, in their order.
@frozen
public struct NumericValues: ~Escapable {
    @usableFromInline var reader: WireReader
    @usableFromInline var packed: WireReader
    @usableFromInline let number: Int
    @usableFromInline let isVarint: Bool

    @inlinable
    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, number: Int, isVarint: Bool = false) {
        reader = WireReader(bytes)
        packed = WireReader(bytes, at: 0, end: 0)
        self.number = number
        self.isVarint = isVarint
    }

    /// The next value; of a double, its bits.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func next() -> UInt64? {
        while true {
            if packed.position < packed.end {
                return isVarint ? packed.readVarint() : packed.readFixed64()
            }
            guard let tag = reader.nextTag() else { return nil }
            if tag.number == number {
                switch tag.wireType {
                case .fixed64 where !isVarint: return reader.readFixed64()
                case .varint where isVarint: return reader.readVarint()
                case .bytes:
                    guard let range = reader.readRange() else { return nil }
                    packed = WireReader(
                        reader.bytes, at: range.lowerBound, end: range.upperBound)
                    continue
                default: break
                }
            }
            guard reader.skip(tag) else { return nil }
        }
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func nextDouble() -> Double? {
        next().map(Double.init(bitPattern:))
    }
}
