/// A hash of bytes whose seed nobody outside knows, so that nobody can choose keys that
/// collide.
struct KeyHasher {
    private let seed = UInt64.random(in: .min ... .max)

    func hash(_ bytes: RawSpan, with salt: UInt32 = 0) -> UInt32 {
        var state = seed ^ UInt64(salt) &* 0x9e37_79b9_7f4a_7c15 ^ UInt64(bytes.byteCount)
        var index = 0
        while index &+ 8 <= bytes.byteCount {
            state = mix(state ^ bytes.word(at: index))
            index &+= 8
        }
        var rest: UInt64 = 0
        while index < bytes.byteCount {
            rest = rest &<< 8 | UInt64(bytes.byte(at: index))
            index &+= 1
        }
        let last = mix(state ^ rest)
        return UInt32(truncatingIfNeeded: last ^ last &>> 32)
    }

    @inline(__always)
    private func mix(_ value: UInt64) -> UInt64 {
        let (high, low) = (value ^ seed).multipliedFullWidth(by: 0xa076_1d64_78bd_642f)
        return high ^ low
    }
}
