import Glibc
package import WeirSDK

/// The time that is left for a collection. Everything that waits for a server waits here, so that
/// nothing waits for longer.
///
/// The host's clock decides; waiting is counted beside it, so that a clock that stands still, as
/// in tests, ends it too.
package struct TimeLimit: Sendable {
    private let host: Host
    private let deadline: Deadline
    /// Milliseconds.
    private let budget: Int
    private var waited = 0

    /// What a collection without a deadline gets.
    private static let standard = Duration.seconds(10)
    /// How often a wait looks whether it was cancelled, in milliseconds.
    private static let slice = 100

    package init(_ host: Host, _ deadline: Deadline) {
        self.host = host
        self.deadline = deadline == .none ? host.deadline(in: TimeLimit.standard) : deadline
        budget = TimeLimit.milliseconds(host.remaining(until: self.deadline) ?? TimeLimit.standard)
    }

    /// Milliseconds.
    package var remaining: Int {
        let left = TimeLimit.milliseconds(host.remaining(until: deadline) ?? .zero)
        return max(0, min(left, budget - waited))
    }

    /// A share of what is left, for the first of `count` that have to do with it.
    package func share(of count: Int) -> TimeLimit {
        TimeLimit(host, host.deadline(in: .milliseconds(remaining / max(1, count))))
    }

    /// What is left without the last bit, which whoever waits keeps for the end.
    package func keeping(milliseconds: Int) -> TimeLimit {
        TimeLimit(host, host.deadline(in: .milliseconds(max(1, remaining - milliseconds))))
    }

    /// Waits until a descriptor is ready for one of `events` (of poll), and says for which.
    mutating func wait(_ descriptor: Int32, _ events: Int32) throws(PostgresError) -> Int32 {
        while true {
            if host.isCancelled {
                throw PostgresError(.cancelled, "the collection was cancelled")
            }
            let slice = min(remaining, TimeLimit.slice)
            guard slice > 0 else {
                throw PostgresError(.timeout, "there was no answer within \(budget) ms")
            }
            var ready = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            switch unsafe poll(&ready, 1, Int32(slice)) {
            case 1...: return Int32(ready.revents)
            case 0: waited += slice
            default:
                guard errno == EINTR else {
                    throw PostgresError(
                        .connection, "poll failed: \(unsafe String(cString: strerror(errno)))")
                }
            }
        }
    }

    private static func milliseconds(_ duration: Duration) -> Int {
        Int(duration.clampedNanoseconds / 1_000_000)
    }
}
