import Synchronization

/// Tells the log when the other side goes and when it comes back, as often as somebody can read it.
///
/// A change within ten seconds of the last line is not told at once: if it lasts, it is told later,
/// with how often it went up and down meanwhile. One that passed before it was told has no end to
/// tell of either. For each side that may go on its own, one of these.
public final class OutageLog: Sendable {
    private struct State {
        var isFailing = false
        /// The failure is in the log, and its end is not.
        var isTold = false
        /// Failures that began since the last line, and are not in the log.
        var untold = 0
        var quietUntil: UInt64 = 0
    }

    private static let interval: UInt64 = 10_000_000_000

    private let host: Host
    private let isFailing = Atomic<Bool>(false)
    private let state = Mutex(State())

    public init(_ host: Host) { self.host = host }

    /// To be called for each failure: a warning is written for the first one. [any thread]
    public func failed(_ message: @autoclosure () -> String) {
        let now = host.monotonic
        let passed: Int? = state.withLock { state in
            let isNew = !state.isFailing
            state.isFailing = true
            isFailing.store(true, ordering: .relaxed)
            guard !state.isTold else { return nil }
            guard now >= state.quietUntil else {
                if isNew { state.untold += 1 }
                return nil
            }
            // The one that is told now is not among those that passed.
            defer { state.untold = 0 }
            state.isTold = true
            state.quietUntil = now + OutageLog.interval
            return isNew ? state.untold : state.untold - 1
        }
        guard let passed else { return }
        host.log(
            .warning,
            passed <= 0
                ? message()
                : "\(message()) (and \(passed) times for a short while since the last line)")
    }

    /// To be called for each success: the first one after a failure that was told writes a line.
    /// Costs one load where nothing has failed. [any thread]
    public func succeeded(_ message: @autoclosure () -> String) {
        guard isFailing.load(ordering: .relaxed) else { return }
        let now = host.monotonic
        let isNews = state.withLock { state in
            guard state.isFailing else { return false }
            defer { (state.isFailing, state.isTold) = (false, false) }
            isFailing.store(false, ordering: .relaxed)
            if state.isTold { state.quietUntil = now + OutageLog.interval }
            return state.isTold
        }
        if isNews { host.log(.info, message()) }
    }
}
