import CWeir
import Logging
import NIOCore
import Synchronization
import WeirTelemetry

/// A sink's place in the graph: its sending queue, its retries, its ledger.
///
/// A batch that is taken is in exactly one of these: waiting in the queue, under way (in a delivery
/// or between two attempts), sent, or dropped with a reason.
///
/// It outlives the instance that it delivers to when a reload puts another in that one's place.
package final class SinkNode: Consumer {
    let services: HostServices
    let counters: ComponentCounters
    let state: Mutex<State>
    /// `nil`: the queue is in memory alone.
    let storage: SinkStorage?
    let complaints = Mutex(DropComplaints())
    let isFailing = Atomic<Bool>(false)
    /// Reloads that have the queue take whatever comes for a moment.
    private let lifts = Atomic<Int>(0)
    let requirement: Atomic<Bool>

    struct State {
        var target: SinkTarget
        var waiting = CircularBuffer<QueuedBatch>(initialCapacity: 8)
        /// Bodies that wait in memory and on disk, and those that wait to be on disk to leave memory.
        var cachedBytes = 0
        var transientBytes = 0
        /// Nothing is delivered yet.
        var isHeld = false
        var load: [QueueLoad] = Array(repeating: QueueLoad(), count: 3)
        var total = QueueLoad()
        var rate = DrainRate()
        var isClosed = false
        /// When the time to empty the queue ends, once the host is stopping.
        var hurryUntil: UInt64?
        /// Until then what is refused is not searched for the item that is at fault.
        var bisectAfter: UInt64 = 0
        /// Deliveries that wait for their next attempt.
        var backingOff: [ObjectIdentifier: BackOff] = [:]
        var failures = 0

        /// A reload means to keep the node, or it has ended and no reload can.
        var isClaimed = false
        var isRetired = false

        init(target: SinkTarget) { self.target = target }

        /// Whether another delivery may begin.
        var hasTurn: Bool { !isHeld && target.underWay < target.limits.consumers }

        mutating func add(_ batch: HostBatch) { add(QueuedBatch(batch)) }
        mutating func remove(_ batch: HostBatch) { remove(QueuedBatch(batch)) }

        mutating func add(_ batch: QueuedBatch) {
            load[Int(batch.signal.rawValue) - 1].add(items: batch.items, bytes: batch.byteCount)
            total.add(items: batch.items, bytes: batch.byteCount)
        }

        mutating func remove(_ batch: QueuedBatch) {
            load[Int(batch.signal.rawValue) - 1].remove(items: batch.items, bytes: batch.byteCount)
            total.remove(items: batch.items, bytes: batch.byteCount)
        }

        /// The next of those that wait, if any.
        mutating func popWaiting() -> QueuedBatch? {
            guard let next = waiting.popFirst() else { return nil }
            cachedBytes -= next.cachedBytes
            return next
        }

        mutating func wait(_ batch: QueuedBatch) {
            waiting.append(batch)
            cachedBytes += batch.cachedBytes
        }
    }

    struct BackOff {
        let ticket: DeliveryTicket
        /// In the order in which they failed.
        let number: Int
        let call: any ScheduledCall
    }

    init(_ target: SinkTarget) {
        services = target.instance.services
        counters = target.instance.counters
        requirement = Atomic(target.isRequired)
        storage = target.storage.map {
            SinkStorage($0, id: target.instance.id, logger: target.instance.logger)
        }
        state = Mutex(State(target: target))
    }

    /// What it delivers to now.
    var target: SinkTarget { state.withLock { $0.target } }
    package var instance: ComponentInstance { target.instance }
    package var limits: QueueLimits { target.limits }
    var isRequired: Bool { requirement.load(ordering: .relaxed) }

    /// What waits or is under way: all of it, or of one signal.
    package var load: QueueLoad { state.withLock { $0.total } }
    package func load(_ signal: Signal) -> QueueLoad {
        state.withLock { $0.load[Int(signal.rawValue) - 1] }
    }

    /// Whether nothing waits and nothing is under way.
    package var isEmpty: Bool { state.withLock { $0.total.requests == 0 } }
    var isClosed: Bool { state.withLock(\.isClosed) }

    /// From now on, until it is restored, the queue has no bound but that of the disk.
    func liftBound() { lifts.add(1, ordering: .sequentiallyConsistent) }
    func restoreBound() { lifts.subtract(1, ordering: .sequentiallyConsistent) }
    var hasBound: Bool { lifts.load(ordering: .sequentiallyConsistent) == 0 }

    /// Takes a batch off the books that is given up; with the lock held.
    func discard(_ batch: HostBatch, reason: String, _ state: inout State) {
        discard(QueuedBatch(batch), reason: reason, &state)
    }

    func discard(_ batch: QueuedBatch, reason: String, _ state: inout State) {
        state.remove(batch)
        counters.dropped.add(batch.items, batch.signal, reason: reason)
    }
}
