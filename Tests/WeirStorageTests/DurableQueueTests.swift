import Foundation
import NIOCore
import Synchronization
import Testing

@testable import WeirStorage

@Suite struct DurableQueueTests {
    @Test func whatWasStoredIsThereAfterClosing() throws {
        let folder = Folder()
        var queue: DurableQueue? = try DurableQueue(.init(directory: folder.path))
        let ids = try [(1, 10), (2, 20_000), (3, 0)].map { signal, length in
            try queue!.store(bytes(length, length), signal: UInt8(signal), items: length + 1)
        }
        #expect(ids == ids.sorted())
        queue!.remove([ids[0]])
        queue = nil

        let events = Events()
        let again = try DurableQueue(.init(directory: folder.path), report: events.report)
        #expect(again.pending().map(\.id) == [ids[1], ids[2]])
        #expect(again.pending().map(\.signal) == [2, 3])
        #expect(again.pending().map(\.items) == [20_001, 1])
        #expect(try again.body(ids[1]) == bytes(20_000, 20_000))
        #expect(try again.body(ids[2]) == [])
        #expect(throws: StorageError.self) { try again.read(ids[0]) }
        #expect(again.usage.records == 2)
        #expect(again.usage.bytes == 20_000)
        #expect(events.all == [])
        // Numbers go on.
        #expect(try again.store([1]) > ids[2])
    }

    @Test func partsBecomeOneBody() throws {
        let folder = Folder()
        let queue = try DurableQueue(.init(directory: folder.path))
        // More parts than one writev takes.
        let parts = (0..<3000).map { ByteBuffer(bytes: bytes($0, $0 % 7)) }
        let outcome = Outcome()
        _ = try queue.append(signal: 1, items: 1, parts: parts, completion: outcome.completion)
        let id = try outcome.get()
        #expect(try queue.body(id) == (0..<3000).flatMap { bytes($0, $0 % 7) })
    }

    @Test func aSegmentGoesWhenAllInItIsDone() throws {
        let folder = Folder()
        var options = DurableQueue.Options(directory: folder.path)
        options.segmentBytes = 10_000
        let queue = try DurableQueue(options)
        let ids = try (0..<40).map { try queue.store(bytes($0, 1000)) }
        #expect(folder.segments.count > 3)
        let before = queue.usage.diskBytes
        queue.remove(Array(ids.dropLast()))
        queue.flush()
        #expect(folder.segments.count <= 2)
        #expect(queue.usage.diskBytes < before / 2)
        #expect(try queue.body(ids[39]) == bytes(39, 1000))
    }

    @Test func nothingIsLeftWhenAllIsDone() throws {
        let folder = Folder()
        let queue = try DurableQueue(.init(directory: folder.path))
        queue.remove(try (0..<10).map { try queue.store(bytes($0, 100)) })
        queue.close()
        #expect(folder.segments == [])
        #expect(throws: StorageError.self) { try queue.store([1]) }
    }

    @Test func theLimitRefusesUntilThereIsRoom() throws {
        let folder = Folder()
        var options = DurableQueue.Options(directory: folder.path, maxBytes: 10_000)
        options.segmentBytes = 2_000
        let queue = try DurableQueue(options)
        // One that is larger than the queue would otherwise never be delivered.
        let large = try queue.store(bytes(0, 20_000))
        #expect(!queue.hasRoom(for: 1))
        #expect(throws: StorageError.self) { try queue.store([1]) }
        queue.remove([large])
        while !queue.hasRoom(for: 1000) { Thread.sleep(forTimeInterval: 0.001) }
        var stored = 0
        while queue.hasRoom(for: 1000) {
            try queue.store(bytes(stored, 1000))
            stored += 1
        }
        #expect((7...9).contains(stored))
        do {
            try queue.store(bytes(1, 1000))
            Issue.record("took more than the limit")
        } catch let error as StorageError {
            #expect(error.code == .limit)
            #expect(error.mayRetry)
        }
    }

    @Test func manyWaitForOneSync() throws {
        let folder = Folder()
        var options = DurableQueue.Options(directory: folder.path)
        let gate = DispatchSemaphore(value: 0)
        options.calls.sync = { descriptor in
            gate.wait()
            return fdatasync(descriptor)
        }
        let queue = try DurableQueue(options)
        let outcomes = (0..<33).map { _ in Outcome() }
        _ = try queue.append(
            signal: 1, items: 1, parts: [ByteBuffer(bytes: [0])], completion: outcomes[0].completion
        )
        // The first is being synced, or about to be; all others wait.
        while queue.statistics.syncs < 2 { Thread.sleep(forTimeInterval: 0.001) }
        for outcome in outcomes.dropFirst() {
            _ = try queue.append(
                signal: 1, items: 1, parts: [ByteBuffer(bytes: [1])],
                completion: outcome.completion)
        }
        for _ in 0..<34 { gate.signal() }
        for outcome in outcomes { _ = try outcome.get() }
        // One for the folder, one for the first, one for the 32.
        #expect(queue.statistics.syncs == 3)
        #expect(queue.statistics.groups == 2)
        #expect(queue.statistics.appended == 33)
    }

    @Test func withoutSyncNothingIsSynced() throws {
        let folder = Folder()
        var options = DurableQueue.Options(directory: folder.path)
        options.syncs = false
        options.calls.sync = { _ in
            Issue.record("synced")
            return 0
        }
        let queue = try DurableQueue(options)
        for number in 0..<10 { try queue.store(bytes(number, 100)) }
        #expect(queue.statistics.syncs == 0)
    }

    @Test func whatIsRemovedBeforeItIsWrittenIsNotWritten() throws {
        let folder = Folder()
        var options = DurableQueue.Options(directory: folder.path)
        let gate = DispatchSemaphore(value: 0)
        options.calls.sync = { _ in
            gate.wait()
            return 0
        }
        let queue = try DurableQueue(options)
        let outcomes = (0..<3).map { _ in Outcome() }
        func add(_ outcome: Outcome) throws -> UInt64 {
            try queue.append(
                signal: 1, items: 1, parts: [ByteBuffer(bytes: [7])], completion: outcome.completion
            )
        }
        let first = try add(outcomes[0])
        while queue.statistics.syncs < 2 { Thread.sleep(forTimeInterval: 0.001) }
        let second = try add(outcomes[1])
        let third = try add(outcomes[2])
        // Read from memory.
        #expect(try queue.body(first) == [7])
        #expect(try queue.body(second) == [7])
        queue.remove([first, second])
        #expect(throws: StorageError.self) { try queue.read(second) }
        #expect(queue.usage.records == 1)
        for _ in 0..<10 { gate.signal() }
        for outcome in outcomes { _ = try outcome.get() }
        #expect(queue.statistics.skipped == 1)
        #expect(queue.pending().map(\.id) == [third])
        queue.close()
        #expect(try DurableQueue(.init(directory: folder.path)).pending().map(\.id) == [third])
    }

    /// The last reference may be given up by a completion.
    @Test func endsOnItsOwnThread() throws {
        final class Holder: Sendable {
            let queue = Mutex<DurableQueue?>(nil)
        }
        let folder = Folder()
        let holder = Holder()
        let done = DispatchSemaphore(value: 0)
        let id = try {
            let queue = try DurableQueue(.init(directory: folder.path))
            holder.queue.withLock { $0 = queue }
            return try queue.append(signal: 1, items: 1, parts: [ByteBuffer(bytes: [5])]) { _, _ in
                // Not before the caller has let go.
                Thread.sleep(forTimeInterval: 0.05)
                holder.queue.withLock { $0 = nil }
                done.signal()
            }
        }()
        done.wait()
        var again: DurableQueue?
        for _ in 0..<1000 where again == nil {
            again = try? DurableQueue(.init(directory: folder.path))
            if again == nil { Thread.sleep(forTimeInterval: 0.005) }
        }
        #expect(again?.pending().map(\.id) == [id])
    }

    @Test func oneFolderOneQueue() throws {
        let folder = Folder()
        let queue = try DurableQueue(.init(directory: folder.path))
        do {
            _ = try DurableQueue(.init(directory: folder.path))
            Issue.record("opened twice")
        } catch {
            #expect(error.code == .inUse)
            #expect(error.message.contains("process \(getpid())"))
        }
        queue.close()
    }

    @Test(arguments: [
        ("otlp", "otlp"), ("otlp/2", "otlp%2F2"), ("../x", "%2E.%2Fx"),
        ("a b", "a%20b"), ("é", "%C3%A9"), (".", "%2E"),
    ])
    func idsBecomeNames(_ id: String, _ name: String) {
        #expect(Directory.escaped(id) == name)
    }
}
