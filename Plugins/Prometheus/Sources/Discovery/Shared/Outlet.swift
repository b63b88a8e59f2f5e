import Synchronization

/// Hands groups to one job, one call at a time, in the order in which they came.
final class Outlet: Sendable {
    private struct State {
        var waiting: [[TargetGroup]] = []
        var isBusy = false
        var hasEnded = false
    }

    private let state = Mutex(State())
    private let update: @Sendable ([TargetGroup]) -> Void

    init(_ update: @escaping @Sendable ([TargetGroup]) -> Void) { self.update = update }

    func send(_ groups: [TargetGroup]) {
        push(groups)
        flush()
    }

    /// Takes groups, and calls nobody: this may be done under a lock.
    func push(_ groups: [TargetGroup]) { state.withLock { $0.waiting.append(groups) } }

    /// Hands out what was taken.
    func flush() {
        let isFirst = state.withLock { state in
            defer { state.isBusy = true }
            return !state.isBusy
        }
        // Whoever finds it busy leaves its groups to the one that is at it: no lock is held here.
        guard isFirst else { return }
        while let next = next() { update(next) }
    }

    private func next() -> [TargetGroup]? {
        state.withLock { state in
            guard !state.hasEnded, !state.waiting.isEmpty else {
                state.isBusy = false
                state.waiting = []
                return nil
            }
            return state.waiting.removeFirst()
        }
    }

    func end() { state.withLock { $0.hasEnded = true } }
}
