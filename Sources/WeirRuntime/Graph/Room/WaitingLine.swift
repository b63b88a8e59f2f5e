import CWeir
import NIOCore

/// Those of one signal who wait for room, and who has turned them down: a value without effects.
///
/// They are tried in rounds, from the first one on. A round remembers who turns something down, and
/// keeps from them what comes behind: so each sink gets all in its order, and one that is stuck holds up
/// no other. A round ends early where nobody is left who could take anything, or where one was turned
/// down by all.
struct WaitingLine: Sendable {
    typealias Guest = WaitingRoom.Guest

    private var guests = CircularBuffer<Guest>(initialCapacity: 1)
    /// How many, from the first on, have been tried in this round.
    private var tried = 0
    /// How many, from the first on, have been offered to all that follow, in this round or before.
    private var offered = 0
    /// Who turned down something in this round.
    private var refused = Refusals.Record()
    /// Who is to get something of what has been offered, and perhaps others.
    private var owed = Refusals.Record()
    private var isOver = true
    /// The last one that was tried was turned down by all.
    private var isStuck = false
    /// Some thread is trying the one whose turn it is.
    private var isBusy = false
    /// There may be room since this round began.
    var isRung = false

    var first: Guest? { guests.first }

    var place: WaitingRoom.Place {
        if guests.isEmpty { return .free }
        return isStuck || offered < guests.count ? .last(owed) : .behind(owed)
    }

    /// - Parameter refused: who turned it down, if it has been offered to all whom nothing is owed.
    mutating func append(_ guest: Guest, refused: Refusals.Record?) {
        guests.append(guest)
        // Others may have come meanwhile that have not been offered.
        guard let refused, !isStuck, offered == guests.count - 1 else { return }
        offered += 1
        owed.formUnion(refused)
    }

    /// The one whose turn it is; `nil`: nobody's, or another thread is at it.
    mutating func turn(atNano now: UInt64) -> Guest? {
        guard !isBusy else { return nil }
        if isOver {
            guard isRung, !guests.isEmpty else { return nil }
            beginRound()
        }
        skip(atNano: now)
        guard tried < guests.count else {
            isOver = true
            owed = refused
            // It may have been rung in the middle of this round.
            return isRung ? turn(atNano: now) : nil
        }
        return guests[offset: tried]
    }

    /// Leaves out those whom nobody could take, but for one who is to be told that its time is over.
    private mutating func skip(atNano now: UInt64) {
        guard tried < offered, refused.consumers.isSuperset(of: owed.consumers),
            !owed.consumers.isEmpty, now < guests[offset: tried].untilNano
        else { return }
        tried = offered
    }

    private mutating func beginRound() {
        isOver = false
        isStuck = false
        isRung = false
        tried = 0
        refused = Refusals.Record()
    }

    /// Takes the turn; ended by `keep` or `remove`.
    mutating func begin() -> WaitingRoom.Turn {
        isBusy = true
        return WaitingRoom.Turn(guest: guests[offset: tried], refused: refused)
    }

    /// The one whose turn it was waits on.
    mutating func keep(refused: Refusals.Record, isSplit: Bool) {
        end(refused)
        tried += 1
        offered = max(offered, tried)
        isStuck = !isSplit
        isOver = isStuck
    }

    /// The one whose turn it was does not wait any longer.
    mutating func remove(refused: Refusals.Record) {
        end(refused)
        if tried < offered { offered -= 1 }
        guests.remove(at: guests.index(guests.startIndex, offsetBy: tried))
        if guests.isEmpty { self = WaitingLine() }
    }

    private mutating func end(_ refused: Refusals.Record) {
        isBusy = false
        self.refused = refused
        owed.formUnion(refused)
    }

    /// All but the one that is being tried.
    mutating func removeAll() -> [Guest] {
        var all = Array(guests)
        let busy = isBusy ? all.remove(at: tried) : nil
        self = WaitingLine()
        if let busy {
            guests.append(busy)
            isBusy = true
        }
        return all
    }
}
