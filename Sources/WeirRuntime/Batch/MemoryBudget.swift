import Synchronization

/// What the process may hold of telemetry, and what it holds: the capacity of every buffer that some
/// batch, queue or plugin pins.
package final class MemoryBudget: Sendable {
    private let bound: Atomic<Int>
    private let held = Atomic<Int>(0)
    /// What has been given back since the start.
    private let released = Atomic<Int>(0)
    private let pace = Mutex(ReleasePace())
    /// Of a part: what is held of it is held of the whole.
    private let whole: MemoryBudget?

    package init(limit: Int) {
        bound = Atomic(limit)
        whole = nil
    }

    /// A part without a limit of its own.
    init(of whole: MemoryBudget) {
        bound = Atomic(.max)
        self.whole = whole
    }

    package var limit: Int {
        get { bound.load(ordering: .relaxed) }
        set { bound.store(newValue, ordering: .relaxed) }
    }

    package var used: Int { held.load(ordering: .relaxed) }

    /// Sets room aside for a body that is about to be read; `nil` if there is none.
    func reserve(_ bytes: Int) -> BudgetReservation? {
        if held.add(bytes, ordering: .relaxed).newValue > limit {
            removeHere(bytes)
            return nil
        }
        return BudgetReservation(bytes, of: self)
    }

    package func hasRoom(for bytes: Int) -> Bool {
        bytes <= limit - used && (whole?.hasRoom(for: bytes) ?? true)
    }

    func add(_ bytes: Int) {
        held.add(bytes, ordering: .relaxed)
        whole?.add(bytes)
    }

    func remove(_ bytes: Int) {
        removeHere(bytes)
        released.add(bytes, ordering: .relaxed)
        whole?.remove(bytes)
    }

    /// When there is likely to be room again, from how fast memory has been given back of late.
    func retryAfterNano(atNano now: UInt64) -> UInt64 {
        let released = released.load(ordering: .relaxed)
        return pace.withLock { $0.retryAfterNano(used: used, released: released, atNano: now) }
    }

    /// Counts here what the whole has counted already.
    ///
    /// - Returns: what is held of this part then.
    func addHere(_ bytes: Int) -> Int { held.add(bytes, ordering: .relaxed).newValue }

    func removeHere(_ bytes: Int) { held.subtract(bytes, ordering: .relaxed) }
}

/// Room that is set aside, until the body is in and counts by itself, or nobody waits for it.
final class BudgetReservation: Sendable {
    private let bytes: Atomic<Int>
    private let budget: MemoryBudget

    init(_ bytes: Int, of budget: MemoryBudget) {
        self.bytes = Atomic(bytes)
        self.budget = budget
    }

    func release() { budget.removeHere(bytes.exchange(0, ordering: .relaxed)) }

    deinit { release() }
}

/// How fast memory is given back, seen from those moments at which somebody is refused.
struct ReleasePace: Sendable {
    private var rate = DrainRate()
    private var lookedNano: UInt64 = 0
    private var released = 0

    /// Looks are this far apart; what was a second ago says nothing of now.
    private static let interval: UInt64 = 100_000_000
    private static let memory: UInt64 = 1_000_000_000

    /// A second where nothing is known.
    mutating func retryAfterNano(used: Int, released: Int, atNano now: UInt64) -> UInt64 {
        let passed = now &- lookedNano
        if lookedNano == 0 || passed > Self.memory { rate = DrainRate() }
        if lookedNano == 0 || passed >= Self.interval {
            rate.delivered(bytes: released - self.released, atNano: now)
            (lookedNano, self.released) = (now, released)
        }
        return rate.isKnown ? rate.retryAfterNano(bytes: used) : 1_000_000_000
    }
}
