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
    /// `nil`: the queue is in memory alone.
    let storage: SinkStorage?
    let complaints = Mutex(DropComplaints())
    let isFailing = Atomic<Bool>(false)

    struct State {
        var waiting = CircularBuffer<QueuedBatch>(initialCapacity: 8)
        /// Bodies that wait in memory and on disk, and those that wait to be on disk to leave memory.
        var cachedBytes = 0
        var transientBytes = 0
        /// Nothing is delivered yet.
        var isHeld = false
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
        let call: any ScheduledCall
    }

    /// - Parameters:
    ///   - timeout: of one attempt, in nanoseconds; 0 for none.
    ///   - isRequired: whether its refusals reach the senders.
    ///   - isolates: whether a batch that it refuses is searched for the items that are at fault.
    init(
        _ instance: ComponentInstance, limits: QueueLimits, retry: RetryPolicy, timeout: UInt64,
        isRequired: Bool = true, isolates: Bool = true, deadLetters: DeadLetterFile? = nil,
        storage: StorageLimits? = nil
    ) {
        self.instance = instance
        var limits = limits
        if !instance.runsConcurrently { limits.consumers = 1 }
        // What is on disk may be more; `max_bytes` is what of it is in memory as well.
        if let storage { limits.maxBytes = storage.maxDiskBytes }
        self.limits = limits
        self.retry = retry
        self.timeout = timeout
        self.isRequired = isRequired
        self.isolates = isolates
        self.deadLetters = deadLetters
        state = Mutex(State())
        self.storage = storage.map { SinkStorage($0, id: instance.id, logger: instance.logger) }
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
