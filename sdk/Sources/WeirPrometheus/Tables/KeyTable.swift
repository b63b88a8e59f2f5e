import WeirTelemetry

/// A number for each distinct run of bytes, from 0 up, in the order in which they came.
struct KeyTable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var slots: [Int32] = Array(repeating: -1, count: 16)
    private var hashes: [UInt64] = []
    // A seed that senders do not know, so that they cannot make keys that all collide.
    private let seed = UInt64.random(in: 1 ... .max)

    var count: Int { ends.count }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        hashes.removeAll(keepingCapacity: true)
        for index in slots.indices { slots[index] = -1 }
    }

    /// The number of a key, and whether it was not there before.
    mutating func insert(_ key: [UInt8]) -> (index: Int, isNew: Bool) {
        let hash = WeirPrometheus.hash(key, seed: seed)
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] >= 0 {
            let index = Int(slots[slot])
            if hashes[index] == hash, isEqual(index, key) { return (index, false) }
            slot = (slot + 1) & mask
        }
        let index = ends.count
        slots[slot] = Int32(index)
        bytes += key
        ends.append(bytes.count)
        hashes.append(hash)
        if ends.count * 2 > slots.count { grow() }
        return (index, true)
    }

    func contains(_ key: [UInt8]) -> Bool {
        let hash = WeirPrometheus.hash(key, seed: seed)
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] >= 0 {
            let index = Int(slots[slot])
            if hashes[index] == hash, isEqual(index, key) { return true }
            slot = (slot + 1) & mask
        }
        return false
    }

    private func isEqual(_ index: Int, _ key: [UInt8]) -> Bool {
        let start = index == 0 ? 0 : ends[index - 1]
        guard ends[index] - start == key.count else { return false }
        let known = unsafe bytes.span.bytes.extracting(start..<start + key.count)
        return unsafe known.hasSameBytes(as: key.span.bytes)
    }

    private mutating func grow() {
        slots = Array(repeating: -1, count: slots.count * 2)
        let mask = slots.count - 1
        for (index, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] >= 0 { slot = (slot + 1) & mask }
            slots[slot] = Int32(index)
        }
    }
}

/// A hash for tables in memory: eight bytes at a time, each folded in by a multiplication.
func hash(_ key: [UInt8], seed: UInt64) -> UInt64 {
    unsafe key.withUnsafeBytes { bytes in
        var hash = seed ^ UInt64(truncatingIfNeeded: bytes.count)
        var index = 0
        while index + 8 <= bytes.count {
            hash = mixed(hash, unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            index += 8
        }
        var rest: UInt64 = 0
        while index < bytes.count {
            rest = unsafe rest << 8 | UInt64(bytes[index])
            index += 1
        }
        return mixed(hash, rest)
    }
}

@inline(__always)
private func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
    let product = (hash ^ word).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
    return product.high ^ product.low
}
