import Synchronization

/// What a sink's node delivers to: an instance, and how. A reload that changes the sink puts another
/// in its place; the node, with all that waits in it, stays.
final class SinkTarget: Sendable {
    let instance: ComponentInstance
    let limits: QueueLimits
    let retry: RetryPolicy
    /// Of one attempt, in nanoseconds; 0 for none.
    let timeout: UInt64
    /// Whether its refusals reach the senders.
    let isRequired: Bool
    /// Whether a batch that it refuses is searched for the items that are at fault.
    let isolates: Bool
    let deadLetters: DeadLetterFile?
    /// What the queue keeps on disk; a node that has a durable queue keeps it as it is.
    let storage: StorageLimits?
    /// Deliveries that have begun and not been booked, those that wait for their next attempt
    /// included. Written with the node's lock held.
    private let count = Atomic<Int>(0)

    var underWay: Int { count.load(ordering: .relaxed) }
    func began() { count.add(1, ordering: .relaxed) }
    func ended(_ deliveries: Int = 1) { count.subtract(deliveries, ordering: .relaxed) }

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
        self.storage = storage
    }
}
