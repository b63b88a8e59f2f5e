import Synchronization

/// Time that only a test moves. Timers fire in the order of their moments, then of their making.
final class VirtualClock: Sendable {
    struct Due: Sendable {
        let id: UInt64
        let fire: @Sendable () -> Void
    }

    private struct Entry {
        let id: UInt64
        var moment: UInt64
        let period: UInt64
        let fire: @Sendable () -> Void
    }

    private struct State {
        var now: UInt64
        /// How far the wall clock was set.
        var jumped: Int64 = 0
        var nextID: UInt64 = 1
        var entries: [Entry] = []
    }

    /// What `unix_nano` is when the monotonic clock is 0: 2025-01-01T00:00:00Z.
    static let epoch: UInt64 = 1_735_689_600_000_000_000
    private let state: Mutex<State>

    init(now: UInt64 = 1_000_000_000) { state = Mutex(State(now: now)) }

    var now: UInt64 { state.withLock { $0.now } }
    /// Nanoseconds since 1970.
    var wall: UInt64 {
        state.withLock { VirtualClock.epoch &+ $0.now &+ UInt64(bitPattern: $0.jumped) }
    }

    func jump(by nanoseconds: Int64) { state.withLock { $0.jumped += nanoseconds } }

    var timerCount: Int { state.withLock { $0.entries.count } }

    func start(delay: UInt64, period: UInt64, fire: @escaping @Sendable () -> Void) -> UInt64 {
        state.withLock { state in
            let id = state.nextID
            state.nextID += 1
            state.entries.append(
                Entry(id: id, moment: state.now &+ delay, period: period, fire: fire))
            return id
        }
    }

    func cancel(_ id: UInt64) {
        state.withLock { state in state.entries.removeAll { $0.id == id } }
    }

    /// Moves time on and fires what becomes due, each at its moment.
    func advance(by delta: UInt64) {
        let end = now &+ delta
        while let due = next(until: end) { due.fire() }
        state.withLock { $0.now = max($0.now, end) }
    }

    private func next(until end: UInt64) -> Due? {
        state.withLock { state in
            let order = state.entries.indices.min {
                let (a, b) = (state.entries[$0], state.entries[$1])
                return (a.moment, a.id) < (b.moment, b.id)
            }
            guard let index = order, state.entries[index].moment <= end else { return nil }
            let entry = state.entries[index]
            state.now = max(state.now, entry.moment)
            if entry.period > 0 {
                state.entries[index].moment += entry.period
            } else {
                state.entries.remove(at: index)
            }
            return Due(id: entry.id, fire: entry.fire)
        }
    }
}
