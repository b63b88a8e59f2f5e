extension RawSpan {
    /// Whether `other` stands at `offset`, which is inside or at the end.
    @inlinable
    @inline(__always)
    package func has(_ other: RawSpan, at offset: Int) -> Bool {
        let count = other.byteCount
        guard byteCount &- offset >= count else { return false }
        var index = 0
        // Names and label sets have some hundred bytes: few branches for many of them.
        while index &+ 32 <= count {
            let difference =
                difference(other, offset, index) | difference(other, offset, index &+ 8)
                | difference(other, offset, index &+ 16) | difference(other, offset, index &+ 24)
            guard difference == 0 else { return false }
            index &+= 32
        }
        while index &+ 8 <= count {
            guard difference(other, offset, index) == 0 else { return false }
            index &+= 8
        }
        guard index < count else { return true }
        // The last word overlaps those before.
        if count >= 8 { return difference(other, offset, count &- 8) == 0 }
        while index < count {
            let own = unsafe unsafeLoad(fromUncheckedByteOffset: offset &+ index, as: UInt8.self)
            guard unsafe own == other.unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)
            else { return false }
            index &+= 1
        }
        return true
    }

    /// 0 if the eight bytes at `index` are the same, `offset` further on in this one.
    @inlinable
    @inline(__always)
    func difference(_ other: RawSpan, _ offset: Int, _ index: Int) -> UInt64 {
        let own = unsafe unsafeLoadUnaligned(
            fromUncheckedByteOffset: offset &+ index, as: UInt64.self)
        return unsafe own
            ^ other.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
    }
}
