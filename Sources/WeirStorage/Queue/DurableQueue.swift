import Glibc
package import NIOCore
import Synchronization
import WeirSystem

/// Batches on disk: each is there before anybody is told so, and stays until it is removed, whatever
/// happens to the process in between (docs/adr/0007-durable-queue.md).
///
/// One folder, used by one process. Bodies lie in append-only segments; a thread of its own writes all
/// that waits, syncs once, and then calls the completions. All functions may be called on any thread.
package final class DurableQueue: Sendable {
    package struct Options: Sendable {
        package var directory: String
        /// What the segments may take on the disk. A queue that is empty takes any batch.
        package var maxBytes: UInt64
        /// A segment is closed when it is this long, and deleted when all in it is done.
        package var segmentBytes: UInt64 = 64 << 20
        /// Whether to wait for the disk. Without, a batch survives the process, not the machine.
        package var syncs = true
        /// How long to wait for another process that holds the folder.
        package var lockWaitNano: UInt64 = 0
        /// The index is not believed, whatever it says.
        package var rebuildsIndex = false
        /// The time, in nanoseconds since 1970.
        package var unixNano: @Sendable () -> UInt64 = DurableQueue.clock
        var calls = DiskCalls.system

        package init(directory: String, maxBytes: UInt64 = UInt64.max) {
            self.directory = directory
            self.maxBytes = maxBytes
        }
    }

    package struct Usage: Sendable, Equatable {
        /// Not removed yet, those included that are still to be written.
        package var records = 0
        package var bytes = 0
        /// What the folder takes on the disk.
        package var diskBytes: UInt64 = 0
    }

    package struct Statistics: Sendable, Equatable {
        package var appended = 0
        package var appendedBytes = 0
        /// Removed before they were written: delivered faster than the disk turns.
        package var skipped = 0
        package var failed = 0
        package var groups = 0
        package var syncs = 0
        package var readBack = 0
        package var damagedRecords = 0

        package init() {}
    }

    private let options: Options
    private let shared: QueueShared
    private let quarantine: Quarantine
    private let lock: DirectoryLock
    private let report: @Sendable (StorageEvent) -> Void

    /// Opens the folder, or makes it. What is damaged in it is reported and set aside.
    ///
    /// - Parameter report: called on any thread; must not block.
    /// - Throws: where the folder cannot be used at all, or another process uses it.
    package init(
        _ options: Options, report: @escaping @Sendable (StorageEvent) -> Void = { _ in }
    ) throws(StorageError) {
        self.options = options
        self.report = report
        try Directory.make(options.directory)
        lock = try DirectoryLock(options.directory, waitNano: options.lockWaitNano)
        let opening = try QueueOpening(options, report: report)
        quarantine = opening.quarantine
        shared = QueueShared(opening.catalogue, damaged: opening.damagedRecords)
        let writer = QueueWriter(
            options, shared: shared, index: opening.index, quarantine: quarantine,
            nextSegment: opening.nextSegment, report: report)
        guard DetachedThread.start({ writer.run() }) else {
            throw StorageError(.io, "cannot start a thread for \(options.directory)")
        }
    }

    deinit { close() }

    /// What is not removed, oldest first.
    package func pending() -> [QueueRecord] {
        shared.state.withLock { state in
            state.catalogue.pending
                + (state.writing + state.inbox).filter { !$0.isCancelled }
                .map(\.record)
        }
    }

    /// Asks for a batch to be stored. Returns its number at once.
    ///
    /// - Parameter completion: called once with the number, on the thread of the queue, when the batch
    ///   is on the disk or has been removed again, or with the reason why it could not be stored; must
    ///   not block.
    /// - Throws: `limit`, `closed`; the completion is not called then.
    package func append(
        signal: UInt8, items: Int, parts: [ByteBuffer],
        completion: @escaping @Sendable (UInt64, StorageError?) -> Void
    ) throws(StorageError) -> UInt64 {
        let bytes = parts.reduce(0) { $0 + $1.readableBytes }
        guard bytes <= Int(UInt32.max) else {
            throw StorageError(.limit, "a batch of \(bytes) bytes, expected at most \(UInt32.max)")
        }
        let now = options.unixNano()
        let added = shared.add { (state) throws(StorageError) -> QueueAppend in
            let taken = state.catalogue.diskBytes + state.inboxBytes
            let isEmpty = state.catalogue.liveRecords == 0 && state.inboxBytes == 0
            guard isEmpty || taken + UInt64(bytes + RecordHeader.size) <= options.maxBytes else {
                throw StorageError(
                    .limit,
                    "\(options.directory) has \(taken) of at most \(options.maxBytes) bytes")
            }
            state.lastID += 1
            return QueueAppend(
                record: QueueRecord(
                    id: state.lastID, signal: signal, items: items, byteCount: bytes, unixNano: now),
                parts: parts, completion: completion)
        }
        return try added.get()
    }

    /// Whether a record is on the disk, and not removed.
    package func isStored(_ id: UInt64) -> Bool {
        shared.state.withLock { $0.catalogue.entry(id).map { !$0.entry.isDone } ?? false }
    }

    /// Whether a batch of this size would be taken now.
    package func hasRoom(for bytes: Int) -> Bool {
        shared.state.withLock { state in
            let taken = state.catalogue.diskBytes + state.inboxBytes
            return state.catalogue.liveRecords == 0 && state.inboxBytes == 0
                || taken + UInt64(bytes + RecordHeader.size) <= options.maxBytes
        }
    }

    /// Notes that batches need no delivery any more. Survives the process soon after, the machine
    /// somewhat later: what was not noted is delivered once more.
    package func remove(_ ids: [UInt64]) { shared.remove(ids) }

    /// Waits until what was stored and removed is in the index, too, and what is done with has left
    /// the disk. Not for completions: they run on the thread that does it.
    package func flush() { shared.flush() }

    /// Stores what was asked for, and ends. Waits for that.
    package func close() {
        shared.close()
        lock.release()
    }

    package var usage: Usage {
        shared.state.withLock { state in
            let waiting = (state.writing + state.inbox).lazy.filter { !$0.isCancelled }
            return Usage(
                records: state.catalogue.liveRecords + waiting.count,
                bytes: waiting.reduce(state.catalogue.liveBytes) { $0 + $1.record.byteCount },
                diskBytes: state.catalogue.diskBytes)
        }
    }

    package var statistics: Statistics { shared.state.withLock { $0.statistics } }

    /// The folder.
    package var directory: String { options.directory }

    package static let clock: @Sendable () -> UInt64 = {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

// MARK: - Reading back

extension DurableQueue {
    /// The body of a record. May block.
    ///
    /// - Throws: `missing`; `damaged`, after which the record is in quarantine and removed; `io`.
    package func read(_ id: UInt64) throws(StorageError) -> ByteBuffer {
        switch shared.place(of: id) {
        case nil:
            throw StorageError(.missing, "\(options.directory) has no record \(id)")
        case .memory(let append):
            return append.body
        case .disk(let segment, let entry):
            let path = SegmentName.path(options.directory, segment)
            let file: OpenFile
            do throws(StorageError) {
                file = try OpenFile(path, O_RDONLY)
            } catch {
                // Removed meanwhile, and its segment with it; or somebody deleted the file.
                guard shared.place(of: id) != nil else {
                    throw StorageError(.missing, "\(options.directory) has no record \(id)")
                }
                throw error
            }
            if let body = try SegmentReader.body(of: entry, in: file) {
                shared.state.withLock { $0.statistics.readBack += 1 }
                return body
            }
            throw setAside(entry, file)
        }
    }

    private func setAside(_ entry: Catalogue.Entry, _ file: OpenFile) -> StorageError {
        let bytes = entry.end - entry.offset
        let kept = quarantine.keep(file, offset: entry.offset, bytes: bytes)
        shared.state.withLock { $0.statistics.damagedRecords += 1 }
        remove([entry.id])
        report(
            .damaged(
                file: file.path, offset: entry.offset, bytes: bytes, reason: "the sum is wrong",
                savedAs: kept))
        return StorageError(
            .damaged, "\(file.path) is damaged at byte \(entry.offset) (\(bytes) bytes)")
    }
}
