import CWeir
import Synchronization
import WeirTelemetry

/// The batches of one component for which there was no room, in the order in which they came, those
/// of each signal for themselves: traces do not wait for logs.
final class WaitingRoom: Sendable {
    struct Guest: Sendable {
        let batch: HostBatch
        /// Since when it waits, on the monotonic clock.
        let sinceNano: UInt64
        /// When it is told to come back, on the monotonic clock.
        let untilNano: UInt64
        let told: @Sendable (weir_error) -> Void
    }

    /// One that is to be tried now: then put back, or seen off.
    struct Turn: Sendable {
        let guest: Guest
        /// Who has turned down those before it.
        let refused: Refusals.Record
    }

    /// Where one that comes now has to go.
    enum Place {
        /// Nobody waits.
        case free
        /// Behind those who wait for these: it may be offered to all others.
        case behind(Refusals.Record)
        /// Behind those whom nobody has taken, these at any rate, or who have not been offered yet.
        case last(Refusals.Record)
    }

    private struct State: Sendable {
        var lines = Signal.allCases.map { _ in WaitingLine() }
        var bytes = 0
        var isClosed = false
    }

    /// What may wait of those whose senders can be told to come again.
    static let byteBound = 32 << 20

    private let state = Mutex(State())
    /// Those who wait, and those who are being tried.
    private let count = Atomic<Int>(0)
    /// The next of a long line are to have their turn soon.
    let isGoingOn = Atomic<Bool>(false)

    var isEmpty: Bool { count.load(ordering: .relaxed) == 0 }

    func place(_ signal: Signal) -> Place {
        guard !isEmpty else { return .free }
        return state.withLock { $0.lines[signal.line].end }
    }

    /// Lets a batch wait; `false` if there is no room for that either.
    ///
    /// - Parameter refusedBy: who turned it down, if it was offered behind those who wait.
    func admit(_ guest: Guest, refusedBy: Refusals.Record?) -> Bool {
        state.withLock { state in
            let bytes = state.bytes + guest.batch.byteCount
            let fits = bytes <= Self.byteBound || state.bytes == 0 || guest.isOwned
            guard !state.isClosed, fits else { return false }
            state.lines[guest.batch.signal.line].append(guest, refusedBy: refusedBy)
            state.bytes = bytes
            count.add(1, ordering: .relaxed)
            return true
        }
    }

    /// There may be room: all are to be tried again.
    func ring() {
        guard !isEmpty else { return }
        state.withLock { state in
            for index in state.lines.indices { state.lines[index].isRung = true }
        }
    }

    /// Of those whose turn it is, the one who has waited longest; lines that another thread is at
    /// are left out.
    func next(atNano now: UInt64) -> Turn? {
        guard !isEmpty else { return nil }
        return state.withLock { state in
            var oldest: (line: Int, since: UInt64)?
            for index in state.lines.indices {
                guard let since = state.lines[index].turn(atNano: now)?.sinceNano,
                    oldest.map({ since < $0.since }) ?? true
                else { continue }
                oldest = (index, since)
            }
            return oldest.map { state.lines[$0.line].begin() }
        }
    }

    /// Since when the first of all has waited.
    var sinceNano: UInt64 {
        state.withLock { $0.lines.compactMap(\.first?.sinceNano).min() ?? .max }
    }

    /// `false`: nobody waits here any more.
    ///
    /// - Parameter isSplit: some have it, or may have it without the others.
    func putBack(_ guest: Guest, _ refusals: Refusals.Outcome, isSplit: Bool) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.lines[guest.batch.signal.line].keep(refusals, isSplit: isSplit)
            return true
        }
    }

    func seeOff(_ guest: Guest, _ refusals: Refusals.Outcome) {
        state.withLock { state in
            state.lines[guest.batch.signal.line].remove(refusals)
            leave(guest, &state)
        }
    }

    /// Ends the wait of all; the caller tells them. Who is being tried is told by the one who tries.
    func close() -> [Guest] {
        state.withLock { state in
            state.isClosed = true
            var guests: [Guest] = []
            for index in state.lines.indices { guests += state.lines[index].removeAll() }
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
    /// Its component has taken it already, and bounds what it holds.
    var isOwned: Bool { untilNano == .max }
}

extension Signal {
    /// The place of its line.
    fileprivate var line: Int { Int(rawValue) - 1 }
}
