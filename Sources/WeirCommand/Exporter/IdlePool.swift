/// Values by key, of which at most `limit` are kept. A value that nobody uses goes when another needs
/// its place, the one that was used longest ago first, or when nobody has used it for `idle`.
struct IdlePool<Value> {
    private struct Entry {
        var value: Value
        var users: Int
        var used: UInt64
    }

    private let limit: Int
    private let idle: UInt64
    private var entries: [String: Entry] = [:]

    /// - Parameter idle: In nanoseconds.
    init(limit: Int, idle: UInt64) {
        self.limit = limit
        self.idle = idle
    }

    var count: Int { entries.count }
    var values: [Value] { entries.values.map(\.value) }

    /// The value, with one user more; `leave` ends that.
    mutating func enter(_ key: String, atNano now: UInt64) -> Value? {
        guard entries[key] != nil else { return nil }
        entries[key]!.users += 1
        entries[key]!.used = now
        return entries[key]!.value
    }

    /// Makes room for one more, if there is none; what had to go for it. `nil`: all are in use.
    mutating func makeRoom() -> [Value]? {
        var gone: [Value] = []
        while entries.count >= limit {
            let idle = entries.filter { $0.value.users == 0 }
            guard let oldest = idle.min(by: { $0.value.used < $1.value.used }) else { return nil }
            entries[oldest.key] = nil
            gone.append(oldest.value.value)
        }
        return gone
    }

    /// Adds a value with one user.
    mutating func insert(_ value: Value, _ key: String, atNano now: UInt64) {
        precondition(entries[key] == nil && entries.count < limit, "there is no room")
        entries[key] = Entry(value: value, users: 1, used: now)
    }

    mutating func leave(_ key: String, atNano now: UInt64) {
        entries[key]?.users -= 1
        entries[key]?.used = now
    }

    /// Takes out what nobody has used for long.
    mutating func expire(atNano now: UInt64) -> [Value] {
        // Whoever left after the clock was read has a later moment than `now`.
        let old = entries.filter {
            $0.value.users == 0 && now >= $0.value.used && now - $0.value.used >= idle
        }
        for key in old.keys { entries[key] = nil }
        return old.values.map(\.value)
    }
}
