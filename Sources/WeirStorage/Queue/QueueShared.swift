import Glibc
import Synchronization

/// What a queue's callers and its writer share.
@safe final class QueueShared: @unchecked Sendable {
    // @unchecked: the state is under its mutex, semaphores are any-thread
    struct State {
        var catalogue: Catalogue
        /// To be written, in the order of their ids.
        var inbox: [QueueAppend] = []
        /// What the writer is writing.
        var writing: [QueueAppend] = []
        /// Removed from the catalogue, not from the index.
        var removed: [(id: UInt64, segment: UInt64)] = []
        var inboxBytes: UInt64 = 0
        var lastID: UInt64
        /// Semaphores of those who wait until the index knows all that came before them.
        var barriers: [UInt] = []
        var isAwake = false
        var isClosing = false
        var isClosed = false
        var statistics = DurableQueue.Statistics()
    }

    let state: Mutex<State>
    private let wake: UnsafeMutablePointer<sem_t>
    private let ended: UnsafeMutablePointer<sem_t>
    /// The writer's thread.
    private let writer = Atomic<UInt>(0)

    init(_ catalogue: Catalogue, damaged: Int) {
        var state = State(catalogue: catalogue, lastID: catalogue.lastID)
        state.statistics.damagedRecords = damaged
        self.state = Mutex(state)
        unsafe wake = .allocate(capacity: 1)
        unsafe ended = .allocate(capacity: 1)
        unsafe sem_init(wake, 0, 0)
        unsafe sem_init(ended, 0, 0)
    }

    deinit {
        unsafe sem_destroy(wake)
        unsafe sem_destroy(ended)
        unsafe wake.deallocate()
        unsafe ended.deallocate()
    }
}

// MARK: - Callers

extension QueueShared {
    enum Place {
        case memory(QueueAppend)
        case disk(segment: UInt64, entry: Catalogue.Entry)
    }

    /// Puts what `make` returns into the inbox, and returns its id.
    func add(
        _ make: (inout State) throws(StorageError) -> QueueAppend
    ) -> Result<UInt64, StorageError> {
        let (result, wakes) = state.withLock { state -> (Result<UInt64, StorageError>, Bool) in
            if state.isClosing {
                return (.failure(StorageError(.closed, "the queue has been closed")), false)
            }
            do throws(StorageError) {
                let append = try make(&state)
                state.inboxBytes += append.diskBytes
                state.inbox.append(append)
                return (.success(append.record.id), state.rouse())
            } catch {
                return (.failure(error), false)
            }
        }
        if wakes { unsafe sem_post(wake) }
        return result
    }

    func remove(_ ids: [UInt64]) {
        let wakes = state.withLock { state in
            for id in ids { state.remove(id) }
            return !state.isClosed && state.rouse()
        }
        if wakes { unsafe sem_post(wake) }
    }

    func place(of id: UInt64) -> Place? {
        state.withLock { state in
            if let index = State.index(of: id, in: state.inbox) {
                return state.inbox[index].isCancelled ? nil : .memory(state.inbox[index])
            }
            if let index = State.index(of: id, in: state.writing) {
                return state.writing[index].isCancelled ? nil : .memory(state.writing[index])
            }
            guard let (segment, entry) = state.catalogue.entry(id), !entry.isDone else {
                return nil
            }
            return .disk(segment: segment, entry: entry)
        }
    }

    /// Waits until the index and the files have all that was asked for before.
    func flush() {
        let barrier = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
        unsafe sem_init(barrier, 0, 0)
        defer {
            unsafe sem_destroy(barrier)
            unsafe barrier.deallocate()
        }
        let address = UInt(bitPattern: barrier)
        let (waits, wakes) = state.withLock { state in
            if state.isClosing { return (false, false) }
            state.barriers.append(address)
            return (true, state.rouse())
        }
        guard waits else { return }
        if wakes { unsafe sem_post(wake) }
        while unsafe sem_wait(barrier) != 0 {}
    }

    func close() {
        let wakes = state.withLock { state in
            state.isClosing = true
            return !state.isClosed
        }
        guard wakes else { return }
        unsafe sem_post(wake)
        // A completion may hold the last reference to the queue: its thread must not wait for itself.
        guard writer.load(ordering: .relaxed) != pthread_self() else { return }
        while unsafe sem_wait(ended) != 0 {}
        // For another one who waits.
        unsafe sem_post(ended)
    }
}

// MARK: - The writer

extension QueueShared {
    struct Work {
        var appends: [QueueAppend]
        /// Removed before they were written.
        var cancelled: [QueueAppend]
        var isClosing: Bool
        fileprivate var barriers: [UInt]

        /// Lets those go who wait for it.
        func end() {
            for barrier in barriers {
                unsafe sem_post(UnsafeMutablePointer<sem_t>(bitPattern: barrier)!)
            }
        }
    }

    /// To be called first on the writer's thread.
    func begin() { writer.store(pthread_self(), ordering: .relaxed) }

    /// Waits until there is something to do.
    func wait() -> Work {
        while unsafe sem_wait(wake) != 0 {}
        return state.withLock { state in
            state.isAwake = false
            let work = Work(
                appends: state.inbox.filter { !$0.isCancelled },
                cancelled: state.inbox.filter(\.isCancelled), isClosing: state.isClosing,
                barriers: state.barriers)
            state.barriers.removeAll()
            state.writing = work.appends
            state.inbox.removeAll(keepingCapacity: true)
            for append in work.cancelled { state.inboxBytes -= append.diskBytes }
            state.statistics.skipped += work.cancelled.count
            return work
        }
    }

    /// The first of those that are being written are on the disk; what was removed meanwhile is done
    /// with.
    func written(at places: [UInt64], end: UInt64) {
        state.withLock { state in
            var entries: [Catalogue.Entry] = []
            entries.reserveCapacity(places.count)
            for (append, place) in zip(state.writing, places) {
                var entry = Catalogue.Entry(append.record, offset: place)
                entry.isDone = append.isCancelled
                entries.append(entry)
                state.inboxBytes -= append.diskBytes
                state.statistics.appended += 1
                state.statistics.appendedBytes += append.record.byteCount
            }
            state.statistics.groups += 1
            state.catalogue.append(entries, end: end)
            // In one place at a time, or a removal would miss one of them.
            state.writing.removeFirst(places.count)
        }
    }

    /// The last of those that were being written will not be.
    func failed(_ count: Int) {
        state.withLock { state in
            state.statistics.failed += count
            state.writing.removeLast(count)
        }
    }

    /// Nothing is being written any more.
    func finished() {
        state.withLock { state in
            state.writing.removeAll(keepingCapacity: true)
            state.inboxBytes = state.inbox.reduce(0) { $0 + $1.diskBytes }
        }
    }

    func end() {
        state.withLock { $0.isClosed = true }
        unsafe sem_post(ended)
    }
}

extension QueueShared.State {
    /// Whether the writer has to be told.
    fileprivate mutating func rouse() -> Bool {
        defer { isAwake = true }
        return !isAwake
    }

    fileprivate mutating func remove(_ id: UInt64) {
        if let index = Self.index(of: id, in: inbox) {
            inbox[index].isCancelled = true
        } else if let index = Self.index(of: id, in: writing) {
            writing[index].isCancelled = true
        } else if let segment = catalogue.finish(id) {
            removed.append((id, segment))
        }
    }

    fileprivate static func index(of id: UInt64, in appends: [QueueAppend]) -> Int? {
        guard let first = appends.first, id >= first.record.id else { return nil }
        var (low, high) = (0, appends.count)
        while low < high {
            let middle = (low + high) / 2
            if appends[middle].record.id < id { low = middle + 1 } else { high = middle }
        }
        return low < appends.count && appends[low].record.id == id ? low : nil
    }
}
