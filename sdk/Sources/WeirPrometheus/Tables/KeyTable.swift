import WeirTelemetry

/// A number for each distinct run of bytes, from 0 up, in the order in which they came.
struct KeyTable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var hashes: [UInt32] = []
    private var index = IndexTable()
    private let hasher = KeyHasher()

    var count: Int { ends.count }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        hashes.removeAll(keepingCapacity: true)
        index.removeAll()
    }

    /// The number of a key, and whether it was not there before.
    mutating func insert(_ key: [UInt8]) -> (index: Int, isNew: Bool) {
        let hash = hasher.hash(key.raw)
        if let known = find(key, hash) { return (known, false) }
        bytes += key
        ends.append(bytes.count)
        hashes.append(hash)
        let hashes = hashes
        index.insert(UInt32(ends.count - 1), hash) { hashes[Int($0)] }
        return (ends.count - 1, true)
    }

    func contains(_ key: [UInt8]) -> Bool { find(key, hasher.hash(key.raw)) != nil }

    private func find(_ key: [UInt8], _ hash: UInt32) -> Int? {
        index.find(hash) { number in
            hashes[Int(number)] == hash && isEqual(Int(number), key)
        }.map(Int.init)
    }

    private func isEqual(_ number: Int, _ key: [UInt8]) -> Bool {
        let start = number == 0 ? 0 : ends[number - 1]
        return ends[number] - start == key.count && bytes.raw.has(key.raw, at: start)
    }
}
