/// When a delivery that failed is tried again: exponential backoff with jitter, as the Collector's
/// `retry_on_failure`. Times are nanoseconds.
package struct RetryPolicy: Sendable, Equatable {
    package var enabled = true
    package var initialInterval: UInt64 = 5_000_000_000
    package var multiplier = 1.5
    /// The backoff is spread over `interval × (1 ± randomizationFactor)`.
    package var randomizationFactor = 0.5
    package var maxInterval: UInt64 = 30_000_000_000
    /// From the first attempt; 0: for ever.
    package var maxElapsedTime: UInt64 = 300_000_000_000

    package init() {}

    package enum Decision: Equatable, Sendable {
        case wait(UInt64)
        /// With the reason as a word for the metrics.
        case giveUp(String)
    }

    /// - Parameters:
    ///   - attempt: how many have failed, from 1.
    ///   - elapsed: since the first attempt began.
    ///   - hint: what the other side asked for, or 0; never waited shorter than that.
    ///   - random: from 0 up to 1.
    package func decide(attempt: Int, elapsed: UInt64, hint: UInt64, random: Double) -> Decision {
        guard enabled else { return .giveUp("retry_disabled") }
        var interval = Double(initialInterval)
        for _ in 1..<max(attempt, 1) where interval < Double(maxInterval) { interval *= multiplier }
        interval = min(interval, Double(maxInterval))
        let spread = interval * randomizationFactor
        let own = UInt64(min(interval - spread + 2 * spread * random, 1e18))
        // A server that asks for more than a day is wrong, and its sum must not overflow.
        let delay = max(own, min(hint, 86_400_000_000_000))
        if maxElapsedTime > 0, elapsed + delay > maxElapsedTime {
            return .giveUp("retry_exhausted")
        }
        return .wait(delay)
    }
}
