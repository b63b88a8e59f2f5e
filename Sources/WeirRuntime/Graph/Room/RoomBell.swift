import Synchronization

/// Tells those who wait for room that there may be some: rung by sinks whose queues empty and by
/// pipelines whose shares do. Processors have no part in it; so it rings by itself as well.
final class RoomBell: Sendable {
    private struct State: Sendable {
        var waiting: [ObjectIdentifier: ComponentInstance] = [:]
        var isTicking = false
    }

    private static let interval: UInt64 = 20_000_000

    private let time: any HostTime
    private let state = Mutex(State())
    private let isAwaited = Atomic<Bool>(false)
    private let isRung = Atomic<Bool>(false)

    init(time: any HostTime) { self.time = time }

    /// Room has become free. Where nobody waits it costs a load; it may be called with locks held.
    func ring() {
        guard isAwaited.load(ordering: .relaxed),
            !isRung.exchange(true, ordering: .acquiringAndReleasing)
        else { return }
        _ = time.schedule(afterNano: 0) { self.tellAll() }
    }

    /// From now on, until its waiting room is empty, the component is told.
    func tell(_ instance: ComponentInstance) {
        let begins = state.withLock { state in
            state.waiting[ObjectIdentifier(instance)] = instance
            isAwaited.store(true, ordering: .relaxed)
            defer { state.isTicking = true }
            return !state.isTicking
        }
        if begins { tick() }
        // What became free a moment ago told nobody.
        ring()
    }

    private func tick() {
        _ = time.schedule(afterNano: Self.interval) {
            self.tellAll()
            let goesOn = self.state.withLock { state in
                state.isTicking = !state.waiting.isEmpty
                return state.isTicking
            }
            if goesOn { self.tick() }
        }
    }

    private func tellAll() {
        isRung.store(false, ordering: .releasing)
        // Several may wait for the same room: it is for the one who has waited longest.
        let waiting = state.withLock { Array($0.waiting.values) }
            .map { (instance: $0, since: $0.room.sinceNano) }
            .sorted { $0.since < $1.since }
        for (instance, _) in waiting {
            instance.tryGuests()
            state.withLock { state in
                guard instance.room.isEmpty else { return }
                state.waiting[ObjectIdentifier(instance)] = nil
                isAwaited.store(!state.waiting.isEmpty, ordering: .relaxed)
            }
        }
    }
}
