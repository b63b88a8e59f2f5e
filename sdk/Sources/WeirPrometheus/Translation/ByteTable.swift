import WeirTelemetry

/// Numbers byte strings, and finds the number of one that is known.
///
/// What comes in the order of the last time costs one comparison: a cursor stands on the entry
/// that is likely next. Otherwise a hash is looked up. Its seed is the process's own, so that
/// senders cannot choose attributes that collide.
struct ByteTable {
    private struct Entry {
        var hash: UInt64
        var start: Int
        var count: Int
        /// When it was last found, in the caller's ticks.
        var seen: UInt32
    }

    private var entries: [Entry] = []
    /// All keys, one after the other.
    private var keys: [UInt8] = []
    /// Entries by hash: numbers plus one, 0 is free; a power of two in size, half full at most.
    private var slots: [UInt32] = []
    private var cursor = 0

    var count: Int { entries.count }

    /// The number of a key; known or, if `isNew`, just given: always `count` before the call.
    /// `nil` if it is not known and not `adding`.
    mutating func number(
        of key: RawSpan, at tick: UInt32, adding: Bool
    ) -> (number: Int, isNew: Bool)? {
        if cursor == entries.count { cursor = 0 }
        if cursor < entries.count, isEntry(cursor, key) {
            let number = cursor
            cursor = number &+ 1
            entries[number].seen = tick
            return (number, false)
        }
        let hash = hashed(key)
        if let number = find(key, hash) {
            cursor = number &+ 1
            entries[number].seen = tick
            return (number, false)
        }
        guard adding else { return nil }
        let number = entries.count
        entries.append(
            Entry(hash: hash, start: keys.count, count: key.byteCount, seen: tick))
        keys.append(contentsOf: key)
        if (number + 1) * 2 > slots.count { grow() } else { place(number) }
        cursor = number + 1
        return (number, true)
    }

    /// The same for bytes in an array.
    mutating func number(
        of key: [UInt8], at tick: UInt32, adding: Bool
    ) -> (number: Int, isNew: Bool)? {
        unsafe number(of: key.span.bytes, at: tick, adding: adding)
    }

    func seen(_ number: Int) -> UInt32 { entries[number].seen }

    /// Keeps the entries that are named, which get new numbers in the same order.
    mutating func keep(_ kept: [Int]) {
        var remaining = ByteTable()
        remaining.entries.reserveCapacity(kept.count)
        for number in kept {
            var entry = entries[number]
            let key = keys[entry.start..<entry.start + entry.count]
            entry.start = remaining.keys.count
            remaining.keys.append(contentsOf: key)
            remaining.entries.append(entry)
        }
        remaining.grow()
        self = remaining
    }

    private func isEntry(_ number: Int, _ key: RawSpan) -> Bool {
        let entry = entries[number]
        guard entry.count == key.byteCount else { return false }
        return unsafe keys.span.bytes.extracting(
            unchecked: entry.start..<entry.start &+ entry.count
        ).hasSameBytes(as: key)
    }

    private func find(_ key: RawSpan, _ hash: UInt64) -> Int? {
        guard !slots.isEmpty else { return nil }
        let mask = slots.count &- 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let number = Int(slots[slot]) &- 1
            if entries[number].hash == hash, isEntry(number, key) { return number }
            slot = (slot &+ 1) & mask
        }
        return nil
    }

    private mutating func grow() {
        var size = 8
        while size < entries.count * 4 { size *= 2 }
        slots = Array(repeating: 0, count: size)
        for number in entries.indices { place(number) }
    }

    private mutating func place(_ number: Int) {
        let mask = slots.count &- 1
        var slot = Int(truncatingIfNeeded: entries[number].hash) & mask
        while slots[slot] != 0 { slot = (slot &+ 1) & mask }
        slots[slot] = UInt32(number + 1)
    }
}

private let hashSeed = UInt64.random(in: .min ... .max)

/// Multiplies and folds 8 bytes at a time.
private func hashed(_ key: RawSpan) -> UInt64 {
    func mix(_ state: UInt64, _ word: UInt64) -> UInt64 {
        let product = (state ^ word).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        return product.low ^ product.high &+ 0xd6e8_feb8_6659_fd93
    }
    let count = key.byteCount
    var state = hashSeed ^ UInt64(truncatingIfNeeded: count)
    var index = 0
    while index &+ 8 <= count {
        state = mix(
            state, unsafe key.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self))
        index &+= 8
    }
    var tail: UInt64 = 0
    while index < count {
        tail =
            tail << 8
            | UInt64(unsafe key.unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self))
        index &+= 1
    }
    return mix(mix(state, tail), hashSeed)
}
