import WeirTelemetry

/// Numbers byte strings, and finds the number of one that is known.
///
/// What comes in the order of the last time costs one comparison: a cursor stands on the entry
/// that is likely next. Otherwise a hash is looked up.
struct ByteTable {
    private struct Entry {
        var hash: UInt32
        /// Where its key ends; it begins where that of the entry before ends.
        var end: UInt32
        /// When it was last found, in the caller's ticks.
        var seen: UInt32
    }

    private var entries: ContiguousArray<Entry> = []
    /// All keys, one after the other.
    private var keys: [UInt8] = []
    /// Not for tables so small that looking at each entry is as fast.
    private var index = IndexTable()
    private var cursor = 0

    private static let small = 8

    var count: Int { entries.count }

    /// The number of a key; known or, if `isNew`, just given: always `count` before the call.
    /// `nil` if it is not known and not `adding`.
    mutating func number(
        of key: RawSpan, at tick: UInt32, adding: Bool
    ) -> (number: Int, isNew: Bool)? {
        if !entries.isEmpty, isEntry(expected, key) { return (takeExpected(at: tick), false) }
        let hash = hasher.hash(key)
        if let number = find(key, hash) {
            cursor = number &+ 1
            entries[number].seen = tick
            return (number, false)
        }
        guard adding, keys.count + key.byteCount <= Int(UInt32.max) else { return nil }
        add(key, hash, tick)
        return (entries.count - 1, true)
    }

    /// The same for bytes in an array.
    mutating func number(
        of key: [UInt8], at tick: UInt32, adding: Bool
    ) -> (number: Int, isNew: Bool)? {
        number(of: key.raw, at: tick, adding: adding)
    }

    /// How many bytes of `bytes` at `offset` are the key that is likely next; 0 if they are not.
    /// ``takeExpected(at:)`` gives its number.
    @inline(__always)
    func expectedCount(in bytes: RawSpan, at offset: Int) -> Int {
        guard !entries.isEmpty else { return 0 }
        let range = range(expected)
        return bytes.has(keys.raw.part(range), at: offset) ? range.count : 0
    }

    /// The number of the key that is likely next, after it was found.
    @inline(__always)
    mutating func takeExpected(at tick: UInt32) -> Int {
        let number = expected
        cursor = number &+ 1
        entries[number].seen = tick
        return number
    }

    @inline(__always)
    private var expected: Int { cursor == entries.count ? 0 : cursor }

    func seen(_ number: Int) -> UInt32 { entries[number].seen }

    /// Keeps the entries that are named, which get new numbers in the same order.
    mutating func keep(_ kept: [Int]) {
        var remaining = ByteTable()
        remaining.entries.reserveCapacity(kept.count)
        for number in kept {
            let entry = entries[number]
            remaining.add(keys.raw.part(range(number)), entry.hash, entry.seen)
        }
        self = remaining
    }

    private mutating func add(_ key: RawSpan, _ hash: UInt32, _ tick: UInt32) {
        // Doubling would leave half of the memory unused in the worst case.
        if keys.count + key.byteCount > keys.capacity {
            keys.reserveCapacity((keys.count + key.byteCount) * 5 / 4)
        }
        keys.append(contentsOf: key)
        entries.append(Entry(hash: hash, end: UInt32(keys.count), seen: tick))
        cursor = entries.count
        let entries = entries
        guard entries.count > Self.small else { return }
        for number in index.count..<entries.count {
            index.insert(UInt32(number), entries[number].hash) { entries[Int($0)].hash }
        }
    }

    @inline(__always)
    private func range(_ number: Int) -> Range<Int> {
        let start = number == 0 ? 0 : Int(entries[number &- 1].end)
        return unsafe Range(uncheckedBounds: (start, Int(entries[number].end)))
    }

    @inline(__always)
    private func isEntry(_ number: Int, _ key: RawSpan) -> Bool {
        let range = range(number)
        return range.count == key.byteCount && keys.raw.has(key, at: range.lowerBound)
    }

    private func find(_ key: RawSpan, _ hash: UInt32) -> Int? {
        guard entries.count > Self.small else {
            return entries.indices.first { entries[$0].hash == hash && isEntry($0, key) }
        }
        return index.find(hash) { number in
            entries[Int(number)].hash == hash && isEntry(Int(number), key)
        }.map(Int.init)
    }
}

private let hasher = KeyHasher()
