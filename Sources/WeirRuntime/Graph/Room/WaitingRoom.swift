import CWeir
import NIOCore
import Synchronization
import WeirTelemetry

/// The batches of one receiver or exporter for which there was no room, in the order in which they
/// came, those of each signal for themselves: traces do not wait for logs. Bounded in bytes.
final class WaitingRoom: Sendable {
    struct Guest: Sendable {
        let batch: HostBatch
        /// Since when it waits, on the monotonic clock.
        let sinceNano: UInt64
        /// When it is told to come back, on the monotonic clock.
        let untilNano: UInt64
        let told: @Sendable (weir_error) -> Void
    }

    /// Those of one signal.
    private struct Line: Sendable {
        var guests = CircularBuffer<Guest>(initialCapacity: 1)
        /// Some thread is trying the one that is first.
        var isBusy = false
        /// The one that was first when somebody looked last has been taken by some sinks, and waits for
        /// others.
        var isSplit = false
    }

    private struct State: Sendable {
        var lines = Signal.allCases.map { _ in Line() }
        var bytes = 0
        var isClosed = false
    }

    static let byteBound = 32 << 20

    private let state = Mutex(State())
    /// Those who wait, and those who are being tried.
    private let count = Atomic<Int>(0)

    var isEmpty: Bool { count.load(ordering: .relaxed) == 0 }

    /// Whether another one has to go behind those who are there: nobody overtakes.
    func isOccupied(_ signal: Signal) -> Bool {
        guard !isEmpty else { return false }
        return state.withLock { state in
            let line = state.lines[signal.line]
            return line.isBusy || !line.guests.isEmpty
        }
    }

    /// Whether those who are there wait for some of several sinks. Another one is to be offered to the
    /// others all the same: a sink that is stuck holds up nobody else's.
    func isSplit(_ signal: Signal) -> Bool { state.withLock { $0.lines[signal.line].isSplit } }

    /// Lets a batch wait; `false` if there is no room for that either.
    func admit(_ guest: Guest) -> Bool {
        state.withLock { state in
            let bytes = state.bytes + guest.batch.byteCount
            guard !state.isClosed, bytes <= Self.byteBound || state.bytes == 0 else { return false }
            let line = guest.batch.signal.line
            if !state.lines[line].isBusy, state.lines[line].guests.isEmpty {
                state.lines[line].isSplit = guest.isSplit
            }
            state.lines[line].guests.append(guest)
            state.bytes = bytes
            count.add(1, ordering: .relaxed)
            return true
        }
    }

    /// Of those who are first in one of these lines, the one who has waited longest; but for lines
    /// that another thread is at. To be put back, or seen off.
    func next(of signals: [Signal]) -> Guest? {
        guard !isEmpty else { return nil }
        return state.withLock { state in
            var oldest: (line: Int, since: UInt64)?
            for signal in signals where !state.lines[signal.line].isBusy {
                guard let first = state.lines[signal.line].guests.first,
                    oldest.map({ first.sinceNano < $0.since }) ?? true
                else { continue }
                oldest = (signal.line, first.sinceNano)
            }
            guard let oldest else { return nil }
            state.lines[oldest.line].isBusy = true
            return state.lines[oldest.line].guests.popFirst()
        }
    }

    /// Since when the first of all has waited.
    var sinceNano: UInt64 {
        state.withLock { $0.lines.compactMap(\.guests.first?.sinceNano).min() ?? .max }
    }

    /// `false`: nobody waits here any more.
    func putBack(_ guest: Guest) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            let line = guest.batch.signal.line
            state.lines[line].isBusy = false
            state.lines[line].isSplit = guest.isSplit
            state.lines[line].guests.prepend(guest)
            return true
        }
    }

    func seeOff(_ guest: Guest) {
        state.withLock { state in
            state.lines[guest.batch.signal.line].isBusy = false
            leave(guest, &state)
        }
    }

    /// Ends the wait of all; the caller tells them.
    func close() -> [Guest] {
        state.withLock { state in
            state.isClosed = true
            let guests = state.lines.flatMap { Array($0.guests) }
            for index in state.lines.indices { state.lines[index].guests.removeAll() }
            for guest in guests { leave(guest, &state) }
            return guests
        }
    }

    func open() { state.withLock { $0.isClosed = false } }

    private func leave(_ guest: Guest, _ state: inout sending State) {
        state.bytes -= guest.batch.byteCount
        count.subtract(1, ordering: .relaxed)
    }
}

extension WaitingRoom.Guest {
    fileprivate var isSplit: Bool { batch.partial.load() != nil }
}

extension Signal {
    /// The place of its line.
    fileprivate var line: Int { Int(rawValue) - 1 }
}
