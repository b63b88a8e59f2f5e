import Synchronization
import WeirSDK

/// Looks once at once and then again and again. A look that takes longer than the interval makes
/// the next one fall out.
final class RefreshLoop: Sendable {
    private struct State {
        var timer: Timer?
        var isLooking = false
        var hasEnded = false
    }

    private let host: Host
    private let interval: Duration
    private let state = Mutex(State())

    init(_ host: Host, every interval: Duration) {
        self.host = host
        self.interval = interval
    }

    /// `look` is called with a function that says that the look is over.
    func start(_ look: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void) {
        let run: @Sendable () -> Void = { [weak self] in
            guard let self, self.begin() else { return }
            look { self.state.withLock { $0.isLooking = false } }
        }
        run()
        let timer = host.timers?.after(interval, every: interval, run)
        let isLate = state.withLock { state in
            if !state.hasEnded { state.timer = timer }
            return state.hasEnded
        }
        if isLate { timer?.cancel() }
    }

    private func begin() -> Bool {
        state.withLock { state in
            guard !state.isLooking, !state.hasEnded else { return false }
            state.isLooking = true
            return true
        }
    }

    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    func stop() {
        let timer = state.withLock { state in
            state.hasEnded = true
            defer { state.timer = nil }
            return state.timer
        }
        timer?.cancel()
    }
}
