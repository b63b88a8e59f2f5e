/// Waits that double, from less than a second to half a minute, each spread so that clients do not
/// come in step.
struct Backoff: Sendable {
    private(set) var attempt = 0

    /// - Parameter random: from 0 to 1.
    mutating func next(random: Double) -> Duration {
        let milliseconds = min(30_000, 800 << min(attempt, 6))
        attempt += 1
        return .milliseconds(Int64(Double(milliseconds) * (0.5 + random / 2)))
    }

    mutating func reset() { attempt = 0 }
}
