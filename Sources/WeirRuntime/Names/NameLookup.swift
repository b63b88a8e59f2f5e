import Synchronization

/// One question, answered once: by the resolver, at its deadline, or when its component goes.
final class NameLookup: Sendable {
    let name: String
    let type: UInt32
    /// On the host's monotonic clock; 0: none.
    let deadlineNano: UInt64
    private struct State {
        var answered: (@Sendable (NameAnswer) -> Void)?
        var timer: (any ScheduledCall)?
    }
    private let state: Mutex<State>

    init(
        name: String, type: UInt32, deadlineNano: UInt64,
        answered: @escaping @Sendable (NameAnswer) -> Void
    ) {
        self.name = name
        self.type = type
        self.deadlineNano = deadlineNano
        state = Mutex(State(answered: answered))
    }

    var isAnswered: Bool { state.withLock { $0.answered == nil } }

    /// Later answers are not passed on.
    func answer(_ answer: NameAnswer) {
        let (answered, timer) = state.withLock { ($0.answered.take(), $0.timer.take()) }
        timer?.cancel()
        answered?(answer)
    }

    /// Cancels the timer once there is an answer.
    func cancelsWhenAnswered(_ timer: any ScheduledCall) {
        let isLate = state.withLock { state in
            if state.answered != nil { state.timer = timer }
            return state.answered == nil
        }
        if isLate { timer.cancel() }
    }
}
