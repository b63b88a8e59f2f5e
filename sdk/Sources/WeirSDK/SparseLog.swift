import Synchronization

/// Log lines about what one client or server does wrong over and over: at most one in ten seconds,
/// and it says how many were left out.
public final class SparseLog: Sendable {
    private struct State {
        var quietUntil: UInt64 = 0
        var leftOut = 0
    }

    private static let interval: UInt64 = 10_000_000_000

    private let host: Host
    private let state = Mutex(State())

    public init(_ host: Host) { self.host = host }

    /// Writes a warning, or counts it. The message is not made if it is only counted. [any thread]
    public func warn(_ message: @autoclosure () -> String) {
        let now = host.monotonic
        let leftOut: Int? = state.withLock { state in
            guard now >= state.quietUntil else {
                state.leftOut += 1
                return nil
            }
            defer { state.leftOut = 0 }
            state.quietUntil = now + SparseLog.interval
            return state.leftOut
        }
        guard let leftOut else { return }
        host.log(
            .warning,
            leftOut == 0 ? message() : "\(message()) (and \(leftOut) like it before this one)")
    }
}
