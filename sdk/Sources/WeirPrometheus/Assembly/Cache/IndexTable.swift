/// Finds indexes by the hash of what they stand for: open addressing, four bytes a place. What is
/// behind an index, the caller compares.
struct IndexTable {
    private var places: [UInt32] = []
    private(set) var count = 0

    /// The index for which `isMatch` holds, among those that may have the hash.
    @inline(__always)
    func find(_ hash: UInt32, _ isMatch: (UInt32) -> Bool) -> UInt32? {
        guard !places.isEmpty else { return nil }
        let mask = places.count &- 1
        var place = Int(hash) & mask
        while true {
            let index = places[place]
            if index == none { return nil }
            if isMatch(index) { return index }
            place = (place &+ 1) & mask
        }
    }

    /// Adds an index that is not there; `hash` gives those of the others when the table grows.
    mutating func insert(_ index: UInt32, _ hash: UInt32, hashOf: (UInt32) -> UInt32) {
        if (count + 1) * 3 > places.count * 2 {
            let old = places
            places = [UInt32](repeating: none, count: max(64, old.count * 2))
            for other in old where other != none { place(other, hashOf(other)) }
        }
        place(index, hash)
        count += 1
    }

    private mutating func place(_ index: UInt32, _ hash: UInt32) {
        let mask = places.count &- 1
        var place = Int(hash) & mask
        while places[place] != none { place = (place &+ 1) & mask }
        places[place] = index
    }
}

/// A hash of bytes whose seed nobody outside knows, so that a target cannot choose series that
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
