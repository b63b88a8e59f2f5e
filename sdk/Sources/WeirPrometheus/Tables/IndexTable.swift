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
            places = [UInt32](repeating: none, count: max(8, old.count * 2))
            for other in old where other != none { place(other, hashOf(other)) }
        }
        place(index, hash)
        count += 1
    }

    /// Empties the table, and keeps its memory.
    mutating func removeAll() {
        for place in places.indices { places[place] = none }
        count = 0
    }

    /// Removes an index that is there; `hash` is its own.
    mutating func remove(_ index: UInt32, _ hash: UInt32, hashOf: (UInt32) -> UInt32) {
        let mask = places.count &- 1
        var hole = Int(hash) & mask
        while places[hole] != index { hole = (hole &+ 1) & mask }
        // What stands behind it and would no longer be found moves into the hole, which moves on.
        var next = hole
        while true {
            next = (next &+ 1) & mask
            let other = places[next]
            if other == none { break }
            let home = Int(hashOf(other)) & mask
            if (next &- home) & mask >= (next &- hole) & mask {
                places[hole] = other
                hole = next
            }
        }
        places[hole] = none
        count -= 1
    }

    private mutating func place(_ index: UInt32, _ hash: UInt32) {
        let mask = places.count &- 1
        var place = Int(hash) & mask
        while places[place] != none { place = (place &+ 1) & mask }
        places[place] = index
    }
}
