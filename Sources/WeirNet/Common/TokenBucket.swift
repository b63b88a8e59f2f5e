package import NIOCore

/// Lets through a few events at once and then one per interval: for log lines that a peer can cause.
///
/// A pure value; the caller gives the time.
package struct TokenBucket: Sendable {
    package let capacity: Int
    package let refillInterval: TimeAmount
    private var tokens: Int
    private var lastRefill: NIODeadline?
    private var held = 0

    package init(capacity: Int, refillInterval: TimeAmount) {
        self.capacity = max(1, capacity)
        self.refillInterval = refillInterval
        self.tokens = self.capacity
    }

    /// The number of events that were held back since the last one that passed, or `nil` when this
    /// one has to be held back too.
    package mutating func take(at now: NIODeadline) -> Int? {
        let last = lastRefill ?? now
        let earned = (now - last).nanoseconds / max(1, refillInterval.nanoseconds)
        if earned > 0 {
            tokens = min(capacity, tokens + Int(min(earned, Int64(capacity))))
            lastRefill = last + .nanoseconds(earned * refillInterval.nanoseconds)
        } else {
            lastRefill = last
        }
        guard tokens > 0 else {
            held += 1
            return nil
        }
        tokens -= 1
        defer { held = 0 }
        return held
    }
}
