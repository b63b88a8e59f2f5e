import Logging
import Synchronization
import WeirStorage

/// The durable part of one sink's queue. Opened when the sink starts, so that what only looks at a
/// configuration touches no disk.
final class SinkStorage: Sendable {
    let limits: StorageLimits
    let directory: String
    private let logger: Logger
    private let open = Mutex<DurableQueue?>(nil)
    /// Until then nothing is tried, on the monotonic clock: writing failed.
    private let restUntil = Atomic<UInt64>(0)
    private let failure = Mutex<StorageError?>(nil)
    private let damaged = Atomic<Int>(0)

    static let pause: UInt64 = 1_000_000_000

    init(_ limits: StorageLimits, id: String, logger: Logger) {
        self.limits = limits
        self.logger = logger
        directory = "\(limits.storage.directory)/sink-\(Directory.escaped(id))"
    }

    var queue: DurableQueue? { open.withLock { $0 } }

    /// Batches of earlier processes that were damaged when the queue was opened: how many items they
    /// had is not known.
    var damagedBatches: Int { damaged.load(ordering: .relaxed) }

    /// What an earlier process has left.
    func start() throws(StorageError) -> [QueueRecord] {
        if !limits.storage.makesDirectory {
            try Directory.check(limits.storage.directory)
        }
        // The limit of the sink holds for what is not delivered; segments are deleted as a whole.
        let slack = UInt64(limits.maxDiskBytes / 4)
        var options = DurableQueue.Options(
            directory: directory, maxBytes: UInt64(limits.maxDiskBytes) + max(slack, 8 << 20))
        options.segmentBytes = min(64 << 20, max(UInt64(limits.maxDiskBytes) / 16, 1 << 20))
        options.syncs = limits.storage.syncs
        options.lockWaitNano = limits.storage.timeoutNano
        let logger = self.logger
        let queue = try DurableQueue(options) { event in
            switch event {
            case .recovered: logger.notice("\(event.text)")
            case .torn: logger.info("\(event.text)")
            case .indexRebuilt: logger.warning("\(event.text)")
            case .damaged, .lost, .failing: logger.error("\(event.text)")
            }
        }
        damaged.add(queue.statistics.damagedRecords, ordering: .relaxed)
        open.withLock { $0 = queue }
        return queue.pending()
    }

    /// Everything asked for is on disk; others may have the folder.
    func close() {
        let queue = open.withLock { queue in
            defer { queue = nil }
            return queue
        }
        queue?.close()
    }

    func remove(_ record: UInt64?) {
        guard let record else { return }
        queue?.remove([record])
    }

    /// Why nothing can be stored at this moment.
    func trouble(atNano now: UInt64) -> StorageError? {
        guard now < restUntil.load(ordering: .relaxed) else { return nil }
        return failure.withLock { $0 }
    }

    func failed(_ error: StorageError, atNano now: UInt64) {
        failure.withLock { $0 = error }
        restUntil.store(now &+ Self.pause, ordering: .relaxed)
    }
}
