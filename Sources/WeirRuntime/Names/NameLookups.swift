import Synchronization

/// The questions of one component that have no answer yet.
final class NameLookups: Sendable {
    private struct State {
        var next = 0
        var open: [Int: NameLookup] = [:]
        var isEnded = false
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.open.count } }

    /// Keeps a question until it is answered; false: the component is going, and gets no more.
    func add(_ make: (_ done: @escaping @Sendable () -> Void) -> NameLookup) -> NameLookup? {
        let number: Int? = state.withLock { state in
            guard !state.isEnded else { return nil }
            state.next += 1
            return state.next
        }
        guard let number else { return nil }
        let lookup = make { [weak self] in
            self?.state.withLock { _ = $0.open.removeValue(forKey: number) }
        }
        let isKept = state.withLock { state in
            if !state.isEnded { state.open[number] = lookup }
            return !state.isEnded
        }
        return isKept ? lookup : nil
    }

    /// Answers all that is open, and takes no more.
    func end() {
        let rest = state.withLock { state in
            state.isEnded = true
            defer { state.open = [:] }
            return Array(state.open.values)
        }
        for lookup in rest { lookup.answer(.failed(.cancelled, "the component was stopped")) }
    }

    /// Takes questions again: an instance may be made anew.
    func begin() { state.withLock { $0.isEnded = false } }
}
