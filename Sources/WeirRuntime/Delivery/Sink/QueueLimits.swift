/// How much a sending queue holds, and how many deliveries run at once: the Collector's
/// `sending_queue`, and a bound in bytes that always applies.
package struct QueueLimits: Sendable, Equatable {
    package enum Sizer: String, Sendable { case requests, items, bytes }

    package var consumers = 10
    package var size = 1000
    package var sizer = Sizer.requests
    package var maxBytes = 64 << 20
    package var overflow = OverflowPolicy.reject
    /// How long senders wait for room where they are to, in nanoseconds.
    package var blockTimeout: UInt64 = 5_000_000_000

    package init() {}

    /// A queue that only passes on: for sinks that have none of their own.
    package static let direct: QueueLimits = {
        var limits = QueueLimits()
        limits.size = 64
        return limits
    }()
}

/// What becomes of a batch for which a queue has no room.
package enum OverflowPolicy: String, Sendable, CaseIterable {
    /// Its sender is told to come back.
    case reject
    /// Its sender waits for room, up to `block_timeout`, and is told to come back then.
    case block
    /// What has waited longest makes room for it.
    case dropOldest = "drop_oldest"
    /// It is dropped, and its sender not told.
    case dropNewest = "drop_newest"
    /// It goes to the disk; once that is full, its sender is told to come back.
    case spill

    /// Whether senders are told.
    var tells: Bool {
        switch self {
        case .reject, .block, .spill: true
        case .dropOldest, .dropNewest: false
        }
    }
}

/// What stands in a queue or is under way from it.
package struct QueueLoad: Sendable, Equatable {
    package var requests = 0
    package var items = 0
    package var bytes = 0

    package init() {}

    package mutating func add(items: Int, bytes: Int) {
        requests += 1
        self.items += items
        self.bytes += bytes
    }

    package mutating func remove(items: Int, bytes: Int) {
        requests -= 1
        self.items -= items
        self.bytes -= bytes
    }
}

extension QueueLimits {
    /// Whether a batch fits beside what is there. A queue that is empty takes any batch: one that is
    /// larger than the queue would otherwise never be delivered.
    package func admits(items: Int, bytes: Int, beside load: QueueLoad) -> Bool {
        if load.requests == 0 { return true }
        guard load.bytes + bytes <= maxBytes else { return false }
        switch sizer {
        case .requests: return load.requests + 1 <= size
        case .items: return load.items + items <= size
        case .bytes: return load.bytes + bytes <= size
        }
    }
}

/// How fast a queue empties, to tell a refused sender when to come back.
package struct DrainRate: Sendable, Equatable {
    private var bytesPerSecond = 0.0
    private var lastNano: UInt64 = 0

    package init() {}

    package mutating func delivered(bytes: Int, atNano now: UInt64) {
        defer { lastNano = now }
        guard lastNano > 0, now > lastNano else { return }
        let rate = Double(bytes) * 1e9 / Double(now - lastNano)
        bytesPerSecond = bytesPerSecond == 0 ? rate : bytesPerSecond * 0.9 + rate * 0.1
    }

    package var isKnown: Bool { bytesPerSecond > 0 }

    /// Until a quarter of `bytes` has gone, between one second and thirty; five where nothing is
    /// known.
    package func retryAfterNano(bytes: Int) -> UInt64 {
        guard bytesPerSecond > 0 else { return 5_000_000_000 }
        let seconds = Double(bytes) / 4 / bytesPerSecond
        return UInt64(min(max(seconds, 1), 30) * 1e9)
    }
}
