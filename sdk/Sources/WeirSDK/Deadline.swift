/// A moment on the host's monotonic clock by which a call should have ended.
public struct Deadline: Sendable, Hashable {
    /// Nanoseconds on ``Host/monotonic``; 0 is "no deadline".
    public let monotonicNanoseconds: UInt64

    public init(monotonicNanoseconds: UInt64) {
        self.monotonicNanoseconds = monotonicNanoseconds
    }

    public static let none = Deadline(monotonicNanoseconds: 0)
}

extension Host {
    /// The moment that lies `delay` ahead.
    public func deadline(in delay: Duration) -> Deadline {
        Deadline(monotonicNanoseconds: max(1, monotonic &+ delay.clampedNanoseconds))
    }

    /// Whether the deadline has passed.
    public func hasPassed(_ deadline: Deadline) -> Bool {
        deadline.monotonicNanoseconds != 0 && monotonic >= deadline.monotonicNanoseconds
    }

    /// What is left until the deadline, zero if it has passed; `nil` if there is none.
    public func remaining(until deadline: Deadline) -> Duration? {
        guard deadline.monotonicNanoseconds != 0 else { return nil }
        let now = monotonic
        guard deadline.monotonicNanoseconds > now else { return .zero }
        return Duration(nanosecondCount: deadline.monotonicNanoseconds - now)
    }
}

extension Duration {
    /// Whole nanoseconds; negative durations are 0, those beyond 292 years are `Int64.max`.
    public var clampedNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        if seconds < 0 || attoseconds < 0 { return 0 }
        if seconds >= 9_223_372_036 { return UInt64(Int64.max) }
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }

    /// A duration of so many nanoseconds; what is beyond 292 years is cut.
    public init(nanosecondCount: UInt64) {
        self = .nanoseconds(Int64(clamping: nanosecondCount))
    }
}
