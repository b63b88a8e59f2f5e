import Synchronization
import WeirSDK

extension ScrapeLoop {
    /// Emits, or holds and tries again until the next tick. Called by whoever made the phase busy.
    func send(_ outgoing: Outgoing) {
        var outgoing = outgoing
        let step = outgoing.attempt(context.host)
        let next = state.withLock { state -> Next in
            if case .done(let dropped) = step {
                state.phase = .idle
                if dropped { state.report.dropped += 1 }
                return following(&state)
            }
            switch state.end {
            case .stopped:
                state.phase = .holding(outgoing)
                return .nothing
            case .due where context.host.monotonic >= state.schedule.due + state.schedule.interval:
                // The target has been gone for a whole interval.
                state.phase = .idle
                return .giveUp
            case .none, .leaving, .due:
                state.phase = .holding(outgoing)
                state.retry = context.timers.after(outgoing.backoff) { [weak self] in
                    self?.retry()
                }
                return .nothing
            }
        }
        switch next {
        case .nothing: break
        case .giveUp:
            outgoing.drop(context.host, "full")
            context.gone(self)
        case .farewell: farewell()
        case .gone: context.gone(self)
        }
    }

    /// What comes after a scrape that is through.
    enum Next: Sendable { case nothing, giveUp, farewell, gone }

    /// With the lock held, in phase idle.
    private func following(_ state: inout State) -> Next {
        guard case .due = state.end else { return .nothing }
        if state.isFarewellSaid { return .gone }
        state.phase = .busy
        return .farewell
    }

    /// Tries what is held once more.
    func retry() {
        let (old, outgoing) = state.withLock { state -> (Timer?, Outgoing?) in
            let old = state.retry.take()
            guard case .holding(let outgoing) = state.phase else { return (old, nil) }
            state.phase = .busy
            return (old, outgoing)
        }
        old?.cancel()
        if let outgoing { send(outgoing) }
    }

    /// The stale markers of a target that is gone, then the end.
    func farewell() {
        let isNeeded = !context.hasSuccessor(self)
        state.withLock { $0.isFarewellSaid = true }
        send(isNeeded ? staleMarkers() : .nothing)
    }
}
