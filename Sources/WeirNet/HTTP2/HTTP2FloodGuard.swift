import NIOCore

/// Bounds the frames that cost us work and the peer nothing: pings, settings, resets, empty data.
///
/// Each takes a token; time and frames that carry data give some back. A pure value.
struct HTTP2FloodGuard {
    private let capacity: Int
    private let perSecond: Int
    private var tokens: Int
    private var last: NIODeadline?

    init(capacity: Int, perSecond: Int) {
        self.capacity = capacity
        self.perSecond = perSecond
        tokens = capacity
    }

    /// `false` when the peer has used up its allowance.
    mutating func spend(_ cost: Int = 1, now: @autoclosure () -> NIODeadline) -> Bool {
        tokens -= cost
        if tokens >= 0 { return true }
        let now = now()
        let earned = last.map { Int((now - $0).nanoseconds) / (1_000_000_000 / perSecond) }
        last = now
        // The first time the allowance runs out there is no past to earn from.
        tokens = min(capacity, tokens + (earned ?? perSecond))
        return tokens >= 0
    }

    mutating func earn() {
        if tokens < capacity { tokens += 1 }
    }
}

/// Streams that we reset a moment ago: the peer may still be sending on them.
struct RecentResets {
    private let capacity: Int
    private var ring: [UInt32] = []
    private var next = 0

    init(capacity: Int) { self.capacity = capacity }

    mutating func insert(_ stream: UInt32) {
        if ring.count < capacity {
            ring.append(stream)
        } else {
            ring[next] = stream
            next = (next + 1) % capacity
        }
    }

    /// Once older ones have been forgotten, a stream that might be one of them counts as one.
    func contains(_ stream: UInt32) -> Bool {
        if ring.count == capacity, let oldest = ring.min(), stream < oldest { return true }
        return ring.contains(stream)
    }
}
