import CWeir
import NIOCore

/// Those of one signal who wait for room, and who has turned them down: a value without effects.
///
/// They are tried in rounds, from the first one on. A round remembers who turns something down, and
/// keeps from them what comes behind: so each sink gets all in its order, and one that is stuck holds up
/// no other. Those whom nobody could take, because all who turned them down have done so to somebody
/// before them, are passed over; and where one is turned down by all, nobody behind it is tried.
struct WaitingLine: Sendable {
    typealias Guest = WaitingRoom.Guest

    private struct Entry: Sendable {
        let guest: Guest
        /// Who turned it down when it was tried last; `nil`: it has not been offered yet.
        var refusedBy: Consumers?
    }

    /// Several consumers, as bits by their places in `known`.
    private typealias Consumers = UInt64

    private var entries = CircularBuffer<Entry>(initialCapacity: 1)
    /// Those that have turned down any of them.
    private var known: [ObjectIdentifier] = []
    /// How many have not been offered yet.
    private var newcomers = 0
    /// Who has turned down any of those that have been offered, and perhaps others.
    private var owed: Consumers = 0
    /// When the time of the first is over, or before that.
    private var soonestNano = UInt64.max
    private var lastRefusal = weir_error.make()

    // The round.
    private var place = 0
    private var refused = Refusals.Record()
    private var refusedBits: Consumers = 0
    private var isOver = true
    /// One was turned down by all.
    private var isStuck = false
    /// Some thread is trying the one whose turn it is.
    private var isBusy = false
    /// There may be room since this round began.
    var isRung = false

    var first: Guest? { entries.first?.guest }

    /// Where one that comes now has to go.
    var end: WaitingRoom.Place {
        if entries.isEmpty { return .free }
        let owed = Refusals.Record(consumers: consumers(owed), last: lastRefusal)
        return isStuck || newcomers > 0 ? .last(owed) : .behind(owed)
    }

    /// - Parameter refusedBy: who turned it down, if it has been offered to all whom nothing is owed.
    mutating func append(_ guest: Guest, refusedBy: Refusals.Record?) {
        // Others may have come meanwhile that have not been offered.
        let isOffered = !isStuck && newcomers == 0
        let refusedBy = isOffered ? refusedBy.flatMap { bits($0) } : nil
        if let refusedBy { owed |= refusedBy } else { newcomers += 1 }
        entries.append(Entry(guest: guest, refusedBy: refusedBy))
        soonestNano = min(soonestNano, guest.untilNano)
    }

    /// The one whose turn it is; `nil`: nobody's, or another thread is at it.
    mutating func turn(atNano now: UInt64) -> Guest? {
        guard !isBusy else { return nil }
        if !isOver, let guest = next(atNano: now) { return guest }
        // It may have been rung in the middle of the round.
        guard isRung, !entries.isEmpty else { return nil }
        beginRound()
        return next(atNano: now)
    }

    private mutating func beginRound() {
        isOver = false
        isStuck = false
        isRung = false
        place = 0
        refused = Refusals.Record()
        refusedBits = 0
    }

    private mutating func next(atNano now: UInt64) -> Guest? {
        let isDone = isStuck || newcomers == 0 && owed != 0 && owed & ~refusedBits == 0
        if isDone, now < soonestNano {
            isOver = true
            return nil
        }
        while place < entries.count {
            let entry = entries[offset: place]
            if now >= entry.guest.untilNano || !isStuck && mayBeTaken(entry) { return entry.guest }
            place += 1
        }
        isOver = true
        owed = 0
        soonestNano = .max
        for entry in entries {
            owed |= entry.refusedBy ?? 0
            soonestNano = min(soonestNano, entry.guest.untilNano)
        }
        return nil
    }

    private func mayBeTaken(_ entry: Entry) -> Bool {
        guard let refusedBy = entry.refusedBy, refusedBy != 0 else { return true }
        return refusedBy & ~refusedBits != 0
    }

    /// Takes the turn; ended by `keep` or `remove`.
    mutating func begin() -> WaitingRoom.Turn {
        isBusy = true
        return WaitingRoom.Turn(guest: entries[offset: place].guest, refused: refused)
    }

    /// The one whose turn it was waits on.
    mutating func keep(_ refusals: Refusals.Outcome, isSplit: Bool) {
        end(refusals)
        if entries[offset: place].refusedBy == nil { newcomers -= 1 }
        let refusedBy = bits(refusals.own)
        if let refusedBy { owed |= refusedBy } else { newcomers += 1 }
        entries[offset: place].refusedBy = refusedBy
        place += 1
        if !isSplit { isStuck = true }
    }

    /// The one whose turn it was does not wait any longer.
    mutating func remove(_ refusals: Refusals.Outcome) {
        end(refusals)
        let entry = entries.remove(at: entries.index(entries.startIndex, offsetBy: place))
        if entry.refusedBy == nil { newcomers -= 1 }
        if entries.isEmpty { self = WaitingLine() }
    }

    private mutating func end(_ refusals: Refusals.Outcome) {
        isBusy = false
        refused = refusals.all
        refusedBits = bits(refusals.all) ?? refusedBits
    }

    /// All but the one that is being tried.
    mutating func removeAll() -> [Guest] {
        var all = Array(entries)
        let busy = isBusy ? all.remove(at: place) : nil
        self = WaitingLine()
        if let busy {
            entries.append(busy)
            newcomers = busy.refusedBy == nil ? 1 : 0
            isBusy = true
        }
        return all.map(\.guest)
    }

    // MARK: Bits

    /// `nil`: there are more than there are bits.
    private mutating func bits(_ record: Refusals.Record) -> Consumers? {
        guard !record.consumers.isEmpty else { return 0 }
        lastRefusal = record.last
        var bits: Consumers = 0
        for consumer in record.consumers {
            if let index = known.firstIndex(of: consumer) {
                bits |= 1 << Consumers(index)
            } else if known.count < Consumers.bitWidth {
                bits |= 1 << Consumers(known.count)
                known.append(consumer)
            } else {
                return nil
            }
        }
        return bits
    }

    private func consumers(_ bits: Consumers) -> Set<ObjectIdentifier> {
        Set(known.indices.lazy.filter { bits & 1 << Consumers($0) != 0 }.map { known[$0] })
    }
}
