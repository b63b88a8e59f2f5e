import CWeir
import Logging
import NIOCore
import NIOPosix
import Synchronization
import WeirStorage
import WeirTelemetry

// What goes to the disk, and comes back from it.

extension SinkNode {
    /// Whether what is left at the end is there at the next start.
    package var isDurable: Bool { storage != nil }
    /// The durable queue, while it is open.
    var durableQueue: DurableQueue? { storage?.queue }

    /// Batches that were damaged when it was opened.
    var damagedBatches: Int { storage?.damagedBatches ?? 0 }

    /// Opens the queue on disk. What an earlier process has left comes before everything else.
    func open() throws(StorageError) {
        guard let storage, storage.queue == nil else { return }
        let found = try storage.start().compactMap { QueuedBatch($0) }
        state.withLock { state in
            state.isClosed = false
            state.isHeld = true
            for batch in found {
                state.add(batch)
                state.wait(batch)
                counters.accepted.add(batch.items, batch.signal)
            }
        }
        guard !found.isEmpty else { return }
        let items = found.reduce(0) { $0 + $1.items }
        instance.logger.notice(
            "\(storage.directory) holds \(found.count) batches with \(items) items from before")
    }

    /// Delivers what was found, and from now on what comes.
    func resume() {
        let (next, target) = state.withLock { state in
            guard state.isHeld else { return ([QueuedBatch](), state.target) }
            state.isHeld = false
            return (state.takeTurns(), state.target)
        }
        for batch in next { begin(batch, target) }
    }

    /// Nothing is asked of the sink any more: what is left is on disk.
    func finish() { storage?.close() }

    /// Whether a reload may keep the node; it then does not end before `unclaim`.
    func claim() -> Bool {
        state.withLock { state in
            if state.isRetired || state.isClosed { return false }
            state.isClaimed = true
            return true
        }
    }

    func unclaim() { state.withLock { $0.isClaimed = false } }

    /// Ends a node that is in the graph no more, for good. False: a reload is about to keep it, or
    /// has put something else in the place of what it delivers to.
    func retire(_ target: SinkTarget) -> Bool {
        state.withLock { state in
            if state.isClaimed || state.target !== target { return false }
            state.isRetired = true
            return true
        }
    }
}

// MARK: - In

extension SinkNode {
    /// Why the disk does not take a batch now.
    func refusal(
        of storage: SinkStorage, _ batch: HostBatch, _ state: borrowing State
    ) -> QueueRefusal? {
        if let error = storage.trouble(atNano: services.time.monotonicNano) {
            return .storage(error.message, retryAfter: SinkStorage.pause)
        }
        // The disk is slower than what comes in.
        let room = max(storage.limits.cacheBytes / 4, 1 << 20)
        if state.transientBytes > 0, state.transientBytes + batch.byteCount > room {
            return .storage(
                "\(state.transientBytes) bytes wait to be written", retryAfter: 1_000_000_000)
        }
        return nil
    }

    /// Asks for a batch to be stored, where it is to be. With the lock held: it is in the queue before
    /// it is said to be on disk.
    func stored(
        _ batch: HostBatch, waits: Bool, _ state: inout sending State
    ) -> QueuedBatch {
        guard let storage, let queue = storage.queue else { return QueuedBatch(batch) }
        let room = storage.limits.cacheBytes / 4 * 3
        let isCached = !waits || state.cachedBytes + batch.byteCount <= room
        if storage.limits.spills, isCached { return QueuedBatch(batch) }
        // Who waits for the disk waits for this object alone, who waits for delivery for the other.
        let pinned = PinnedBatch(batch)
        var queued = QueuedBatch(batch.detached { $0.mode == .delivered })
        queued.isTransient = !isCached
        queued.storedNano = services.time.unixNano
        let bytes = batch.byteCount
        do throws(StorageError) {
            queued.record = try queue.append(
                signal: UInt8(batch.signal.rawValue), items: batch.items, parts: batch.parts
            ) { record, error in
                if !isCached { self.state.withLock { $0.transientBytes -= bytes } }
                if let error {
                    self.failed(record, pinned, error)
                } else {
                    pinned.release()
                    if !isCached { self.leaveMemory(record) }
                }
            }
            if !isCached { state.transientBytes += bytes }
        } catch {
            // It waits in memory, and so does who was promised the disk, until it is delivered.
            storage.failed(error, atNano: services.time.monotonicNano)
            return QueuedBatch(batch)
        }
        return queued
    }

    /// A batch that memory has no room for is on disk.
    private func leaveMemory(_ record: UInt64) {
        state.withLock { state in
            guard let index = state.waiting.lastIndex(where: { $0.record == record }),
                state.waiting[index].isTransient
            else { return }
            state.waiting[index].leaveMemory()
        }
    }

    /// A batch could not be put on disk. It stays in memory, and is delivered from there; but who was
    /// promised the disk is told that it is not there, and comes again with it.
    private func failed(_ record: UInt64, _ pinned: PinnedBatch, _ error: StorageError) {
        storage?.failed(error, atNano: services.time.monotonicNano)
        guard let batch = pinned.release() else { return }
        var isPromised = false
        batch.eachAcknowledgement { if $0.mode == .durable { isPromised = true } }
        state.withLock { state in
            guard let index = state.waiting.lastIndex(where: { $0.record == record }) else {
                return
            }
            var queued = state.waiting[index]
            state.cachedBytes -= queued.cachedBytes
            if isPromised, queued.bisection == nil {
                state.waiting.remove(at: index)
                state.remove(queued)
                counters.accepted.add(-queued.items, queued.signal)
                counters.refused.add(queued.items, queued.signal, reason: "storage")
                return
            }
            queued.record = nil
            queued.isTransient = false
            state.cachedBytes += queued.cachedBytes
            state.waiting[index] = queued
        }
        guard isPromised else { return }
        batch.fail(
            .init(
                Status.retry, "\(instance.key) could not store it: \(error.message)",
                retryAfter: SinkStorage.pause))
    }
}

/// A batch until it is on disk: it keeps the acknowledgements of those who wait for that.
private final class PinnedBatch: Sendable {
    private let batch: Mutex<HostBatch?>

    init(_ batch: HostBatch) { self.batch = Mutex(batch) }

    @discardableResult
    func release() -> HostBatch? {
        batch.withLock { batch in
            defer { batch = nil }
            return batch
        }
    }
}

// MARK: - Out

extension SinkNode {
    /// A batch's turn has come: it can be delivered at once, or has to be read first. Goes on with
    /// the next where it is too old.
    func turn(of queued: QueuedBatch, _ target: SinkTarget) -> DeliveryWork? {
        var next: QueuedBatch? = queued
        while let queued = next {
            if isExpired(queued.storedNano) {
                expire(queued)
                next = after(target)
                continue
            }
            guard let batch = queued.batch else {
                services.blocking.submit { _ in self.readBack(queued, target) }
                return nil
            }
            return DeliveryWork(
                batch: batch, target: target, firstNano: services.time.monotonicNano,
                bisection: queued.bisection, record: queued.record,
                storedNano: queued.storedNano)
        }
        return nil
    }

    /// The next of those that wait takes the place of one that has ended.
    private func after(_ target: SinkTarget) -> QueuedBatch? {
        state.withLock { state in
            if state.target === target, let next = state.popWaiting() { return next }
            target.ended()
            return nil
        }
    }

    private func readBack(_ queued: QueuedBatch, _ target: SinkTarget) {
        guard let record = queued.record, let queue = storage?.queue else { return }
        do throws(StorageError) {
            let bytes = try queue.read(record)
            var queued = queued
            queued.enterMemory(bytes, budget: services.budget)
            begin(queued, target)
        } catch {
            var outcome = weir_error.make()
            outcome.set(Status.refused, error.message)
            drop(queued, reason: error.code == .damaged ? "damaged" : "unreadable", outcome)
            if let next = after(target) { begin(next, target) }
        }
    }

    private func isExpired(_ storedNano: UInt64) -> Bool {
        guard let limit = storage?.limits.maxAgeNano, limit > 0, storedNano > 0 else {
            return false
        }
        return storedNano &+ limit < services.time.unixNano
    }

    private func expire(_ queued: QueuedBatch) {
        storage?.remove(queued.record)
        var outcome = weir_error.make()
        outcome.set(Status.refused, "it has waited for longer than sending_queue.max_age")
        drop(queued, reason: "expired", outcome)
    }

    private func drop(_ queued: QueuedBatch, reason: String, _ outcome: weir_error) {
        let pieces = queued.pieces
        state.withLock { state in
            for piece in pieces { discard(piece, reason: reason, &state) }
        }
        for piece in pieces { tell(piece, reason: reason, outcome) }
    }
}

// MARK: - What stays

extension SinkNode {
    /// In place of a reason to drop: it goes to the end of the queue.
    static let comesAgain = "comes_again"

    /// What is on disk is not given up because its sink is down: it lets others have their turn, and
    /// comes again, until it is too old.
    func decided(_ decision: RetryPolicy.Decision, for work: DeliveryWork) -> RetryPolicy.Decision {
        guard work.record != nil else { return decision }
        if isExpired(work.storedNano) { return .giveUp("expired") }
        guard decision == .giveUp("retry_exhausted") else { return decision }
        let alone = state.withLock { $0.waiting.isEmpty }
        return alone || work.bisection != nil
            ? .wait(work.target.retry.maxInterval) : .giveUp(Self.comesAgain)
    }

    /// Puts a batch at the end of the queue; its body is read again when its turn comes.
    func requeue(_ work: DeliveryWork) -> DeliveryWork? {
        var queued = QueuedBatch(work)
        if let record = work.record, storage?.queue?.isStored(record) == true {
            queued.leaveMemory()
        }
        let (next, target) = state.withLock { state -> ([QueuedBatch], SinkTarget) in
            work.target.ended()
            if state.isClosed { return ([], state.target) }
            state.wait(queued)
            return (state.takeTurns(), state.target)
        }
        for next in next.dropFirst() { begin(next, target) }
        return next.first.flatMap { turn(of: $0, target) }
    }

    /// Leaves a batch where it is, for the next process: it still counts as queued.
    func keep(_ work: DeliveryWork) -> DeliveryWork? {
        state.withLock { _ in work.target.ended() }
        work.batch.fail(stopped)
        return nil
    }

    var stopped: Acknowledgement.Failure {
        .init(Status.cancelled, "\(instance.key) was stopped before it had it sent")
    }

    /// Asks for what was only in memory to be stored, at the end. False: that is not possible.
    func persist(_ queued: QueuedBatch) -> Bool {
        guard let queue = storage?.queue, let batch = queued.batch else { return false }
        do throws(StorageError) {
            _ = try queue.append(
                signal: UInt8(batch.signal.rawValue), items: batch.items, parts: batch.parts
            ) { _, error in
                if error != nil { self.abandonUnstored(queued) }
            }
            return true
        } catch {
            return false
        }
    }
}
