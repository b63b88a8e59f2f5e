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
    let complaints = Mutex(DropComplaints())
    let isFailing = Atomic<Bool>(false)
    let requirement: Atomic<Bool>

    struct State {
        var target: SinkTarget
        var waiting = CircularBuffer<HostBatch>(initialCapacity: 8)
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

        /// Whether another delivery may begin.
        var hasTurn: Bool { target.underWay < target.limits.consumers }

        mutating func add(_ batch: HostBatch) {
            load[Int(batch.signal.rawValue) - 1].add(items: batch.items, bytes: batch.byteCount)
            total.add(items: batch.items, bytes: batch.byteCount)
        }

        mutating func remove(_ batch: HostBatch) {
            load[Int(batch.signal.rawValue) - 1].remove(items: batch.items, bytes: batch.byteCount)
            total.remove(items: batch.items, bytes: batch.byteCount)
        }
    }

    struct BackOff {
        let ticket: DeliveryTicket
        let call: any ScheduledCall
    }

    init(_ target: SinkTarget) {
        services = target.instance.services
        counters = target.instance.counters
        requirement = Atomic(target.isRequired)
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

    /// Takes a batch off the books that is given up; with the lock held.
    func discard(_ batch: HostBatch, reason: String, _ state: inout State) {
        state.remove(batch)
        counters.dropped.add(batch.items, batch.signal, reason: reason)
    }
}
