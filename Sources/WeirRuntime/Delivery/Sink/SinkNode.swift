import CWeir
import Logging
import NIOCore
import Synchronization
import WeirTelemetry

/// A sink's place in the graph: its sending queue, its retries, its ledger.
///
/// A batch that is taken is in exactly one of these: waiting in the queue, under way (in a delivery
/// or between two attempts), sent, or dropped with a reason.
package final class SinkNode: Consumer {
    package let instance: ComponentInstance
    package let limits: QueueLimits
    let isRequired: Bool
    /// Whether the bad items of a batch that is refused are looked for.
    let isolates: Bool
    let deadLetters: DeadLetterFile?
    let retry: RetryPolicy
    let timeout: UInt64
    let state: Mutex<State>
    let complaints = Mutex(DropComplaints())
    let isFailing = Atomic<Bool>(false)

    struct State {
        var waiting = CircularBuffer<HostBatch>(initialCapacity: 8)
        var inFlight = 0
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

    /// - Parameters:
    ///   - timeout: of one attempt, in nanoseconds; 0 for none.
    ///   - isRequired: whether its refusals reach the senders.
    ///   - isolates: whether a batch that it refuses is searched for the items that are at fault.
    init(
        _ instance: ComponentInstance, limits: QueueLimits, retry: RetryPolicy, timeout: UInt64,
        isRequired: Bool = true, isolates: Bool = true, deadLetters: DeadLetterFile? = nil
    ) {
        self.instance = instance
        var limits = limits
        if !instance.runsConcurrently { limits.consumers = 1 }
        self.limits = limits
        self.retry = retry
        self.timeout = timeout
        self.isRequired = isRequired
        self.isolates = isolates
        self.deadLetters = deadLetters
        state = Mutex(State())
    }

    /// What waits or is under way: all of it, or of one signal.
    package var load: QueueLoad { state.withLock { $0.total } }
    package func load(_ signal: Signal) -> QueueLoad {
        state.withLock { $0.load[Int(signal.rawValue) - 1] }
    }

    /// Whether nothing waits and nothing is under way.
    package var isEmpty: Bool { state.withLock { $0.total.requests == 0 } }

    var services: HostServices { instance.services }
}
