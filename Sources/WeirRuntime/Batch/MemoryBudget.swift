import Synchronization

/// What the process may hold of telemetry, and what it holds: the capacity of every buffer that some
/// batch, queue or plugin pins.
package final class MemoryBudget: Sendable {
    private let bound: Atomic<Int>
    private let held = Atomic<Int>(0)
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
            remove(bytes)
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
        held.subtract(bytes, ordering: .relaxed)
        whole?.remove(bytes)
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

    func release() { budget.remove(bytes.exchange(0, ordering: .relaxed)) }

    deinit { release() }
}
