import Synchronization

/// What the process may hold of telemetry, and what it holds: the capacity of every buffer that some
/// batch, queue or plugin pins.
package final class MemoryBudget: Sendable {
    package let limit: Int
    private let held = Atomic<Int>(0)

    package init(limit: Int) { self.limit = limit }

    package var used: Int { held.load(ordering: .relaxed) }

    package func hasRoom(for bytes: Int) -> Bool { bytes <= limit - used }

    func add(_ bytes: Int) { held.add(bytes, ordering: .relaxed) }

    func remove(_ bytes: Int) { held.subtract(bytes, ordering: .relaxed) }
}
