/// When to try again after failures: one second, two, four, and so on up to a minute.
///
/// A value that knows no clock; the moments are those of ``Host/monotonic``.
public struct Backoff: Sendable, Equatable {
    private let first: UInt64
    private let longest: UInt64
    /// Failures since the last success.
    public private(set) var failures = 0
    private var until: UInt64 = 0

    public init(first: Duration = .seconds(1), longest: Duration = .seconds(60)) {
        self.first = first.clampedNanoseconds
        self.longest = longest.clampedNanoseconds
    }

    /// An attempt failed at this moment.
    ///
    /// - Parameter random: from 0 to 1; what is below 1 shortens the wait by up to a half, so that
    ///   clients do not come in step.
    public mutating func failed(at now: UInt64, random: Double = 1) {
        let delay = min(longest, first << UInt64(min(failures, 20)))
        failures += 1
        until = now &+ UInt64(Double(delay) * (0.5 + random / 2))
    }

    public mutating func succeeded() {
        failures = 0
        until = 0
    }

    /// How long the next attempt has to wait; `nil`: not at all.
    public func wait(at now: UInt64) -> Duration? {
        until > now ? Duration(nanosecondCount: until - now) : nil
    }
}
