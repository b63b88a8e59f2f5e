import CWeir
import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Testing
import WeirStorage
import WeirTelemetry

@testable import WeirRuntime

/// A sink whose queue is on disk: what is taken is there after the process, in order, once.
@Suite struct DurableSinkTests {
    /// A folder that goes with the test.
    final class Folder: Sendable {
        let path = FileManager.default.temporaryDirectory.path + "/weir-sink-" + UUID().uuidString
        deinit { try? FileManager.default.removeItem(atPath: path) }

        func limits(_ change: (inout StorageLimits) -> Void = { _ in }) -> StorageLimits {
            var limits = StorageLimits(
                storage: FileStorage(id: "file_storage", directory: path), maxDiskBytes: 1 << 20,
                cacheBytes: 1 << 20)
            change(&limits)
            return limits
        }
    }

    private static func wait(_ what: String, _ condition: () -> Bool) {
        for _ in 0..<5000 where !condition() { usleep(1000) }
        #expect(condition(), "\(what)")
    }

    /// Opens what it has on disk and begins to deliver, as the start of a process does.
    private static func start(_ sink: ScriptedSink) throws {
        try sink.node.open()
        sink.node.resume()
    }

    /// Ends as a process does: what is on disk stays.
    private static func stop(_ sink: ScriptedSink) {
        sink.node.close()
        sink.node.finish()
    }

    @Test func whatIsNotDeliveredIsThereAtTheNextStartInItsOrder() throws {
        let folder = Folder()
        let first = ScriptedSink([.pending], concurrent: false, storage: folder.limits())
        try Self.start(first)
        for items in 1...5 { first.offer(items) }
        #expect(first.unaccounted == 0)
        Self.stop(first)
        // The one under way ends as cancelled with the plugin.
        first.settle(.init(status: Status.cancelled))
        #expect(first.counters.dropped.total(.traces) == 0)
        #expect(first.node.load(.traces).items == 15)

        let second = ScriptedSink(concurrent: false, storage: folder.limits())
        try second.node.open()
        second.offer(6)
        #expect(second.delivered == [])
        second.node.resume()
        Self.wait("delivered") { second.node.isEmpty }
        #expect(second.delivered == [1, 2, 3, 4, 5, 6])
        #expect(second.unaccounted == 0)
        Self.stop(second)

        let third = ScriptedSink(storage: folder.limits())
        try third.node.open()
        #expect(third.node.isEmpty)
        Self.stop(third)
    }

    @Test func bodiesComeBackAsTheyWere() throws {
        let folder = Folder()
        let seen = Mutex<[[UInt8]]>([])
        let first = ScriptedSink([.pending], concurrent: false, storage: folder.limits())
        try Self.start(first)
        let bodies = (0..<4).map { number in (0..<1000).map { UInt8(($0 * 7 + number) % 251) } }
        for body in bodies {
            let parts = [ByteBuffer(bytes: body[..<300]), ByteBuffer(bytes: body[300...])]
            first.offer(HostBatch(signal: .logs, items: 2, parts: parts, owners: []))
        }
        Self.stop(first)
        let second = ScriptedSink(concurrent: false, storage: folder.limits())
        second.judge { body in
            seen.withLock { $0.append(body) }
            return .ok
        }
        try Self.start(second)
        Self.wait("delivered") { second.node.isEmpty }
        #expect(seen.withLock { $0 } == bodies)
        #expect(second.counters.sent[.logs] == 8)
        Self.stop(second)
    }

    /// What memory has no room for is on disk alone until its turn comes.
    @Test func memoryHoldsNoMoreThanItMay() throws {
        let folder = Folder()
        let limits = folder.limits { $0.cacheBytes = 40_000 }
        let sink = ScriptedSink([.pending], concurrent: false, storage: limits)
        try Self.start(sink)
        let budget = sink.services.budget
        for items in 1...50 {
            let bytes = ByteBuffer(repeating: UInt8(items), count: 10_000)
            var taken = false
            while !taken {
                taken =
                    sink.offer(
                        HostBatch(
                            signal: .traces, items: items, parts: [bytes],
                            owners: [HostBuffer(bytes, budget: budget)])
                    ).status == Status.ok
                if !taken { sink.time.advance(seconds: 1) }
            }
        }
        Self.wait("written") { budget.used <= 80_000 }
        #expect(sink.node.load.bytes == 500_000)
        sink.settle(.ok)
        Self.wait("delivered") { sink.node.isEmpty }
        #expect(sink.delivered.reduce(1, +) == (1...50).reduce(0, +))
        #expect(sink.delivered == Array(2...50))
        Self.stop(sink)
    }

    /// A sink that is down for longer than max_elapsed_time loses nothing.
    @Test func whatIsOnDiskIsNotGivenUp() throws {
        let folder = Folder()
        let sink = ScriptedSink(
            Array(repeating: .retry, count: 60), concurrent: false, storage: folder.limits())
        try Self.start(sink)
        for items in 1...3 { sink.offer(items) }
        for _ in 0..<400 where !sink.node.isEmpty {
            sink.time.advance(seconds: 30)
            usleep(500)
        }
        #expect(Set(sink.delivered) == [1, 2, 3])
        #expect(sink.counters.dropped.total(.traces) == 0)
        #expect(sink.unaccounted == 0)
        Self.stop(sink)
    }

    @Test func whatIsTooOldIsDropped() throws {
        let folder = Folder()
        let limits = folder.limits { $0.maxAgeNano = 60_000_000_000 }
        let sink = ScriptedSink([.pending], concurrent: false, storage: limits)
        try Self.start(sink)
        for items in 1...3 { sink.offer(items) }
        sink.time.advance(seconds: 61)
        sink.settle(.ok)
        Self.wait("ended") { sink.node.isEmpty }
        #expect(sink.counters.dropped.all == [.init(signal: .traces, reason: "expired"): 5])
        Self.stop(sink)
        let next = ScriptedSink(storage: limits)
        try next.node.open()
        #expect(next.node.isEmpty)
        Self.stop(next)
    }

    /// `spill`: memory first, then the disk; at the end, what was in memory goes there too.
    @Test(arguments: [Status.retry, Status.cancelled])
    func spillsWhatMemoryHasNoRoomFor(_ end: weir_status) throws {
        let folder = Folder()
        let limits = folder.limits {
            $0.cacheBytes = 4000
            $0.spills = true
        }
        let sink = ScriptedSink([.pending], concurrent: false, storage: limits)
        try Self.start(sink)
        for items in 1...10 { sink.offer(items, bytes: 1000) }
        let queue = try #require(sink.node.durableQueue)
        #expect(queue.usage.records == 6)
        sink.node.close()
        // The one under way was in memory alone.
        sink.settle(.init(status: end))
        sink.node.finish()
        #expect(sink.counters.dropped.total(.traces) == 0 && sink.unaccounted == 0)
        let next = ScriptedSink(storage: limits)
        try Self.start(next)
        Self.wait("delivered") { next.node.isEmpty }
        #expect(Set(next.delivered) == Set(1...10))
        Self.stop(next)
    }

    @Test func durableIsToldOnceItIsOnDisk() throws {
        let folder = Folder()
        let watcher = AcknowledgementTests.Watcher(.durable)
        let sink = ScriptedSink([.pending], concurrent: false, storage: folder.limits())
        try Self.start(sink)
        var batches: [HostBatch] = (1...3).map { watcher.batch($0) }
        for batch in batches {
            #expect(watcher.watch(batch) == Status.ok)
            sink.offer(batch)
        }
        batches = []
        // None is delivered.
        #expect(watcher.outcomes(3) == [Status.ok, Status.ok, Status.ok])
        #expect(sink.pending == 1)
        let queue = try #require(sink.node.durableQueue)
        #expect(queue.usage.records == 3)
        Self.stop(sink)
    }

    /// Also those whose bodies have left the memory.
    @Test func deliveredIsToldOnceItIsDelivered() throws {
        let folder = Folder()
        let watcher = AcknowledgementTests.Watcher(.delivered)
        let limits = folder.limits { $0.cacheBytes = 20 }
        let sink = ScriptedSink([.pending], concurrent: false, storage: limits)
        try Self.start(sink)
        var batches: [HostBatch] = (1...3).map { watcher.batch($0) }
        for batch in batches {
            #expect(watcher.watch(batch) == Status.ok)
            sink.offer(batch)
        }
        batches = []
        let queue = try #require(sink.node.durableQueue)
        Self.wait("stored") { queue.isStored(3) }
        #expect(watcher.open == 3)
        sink.settle(.ok)
        #expect(watcher.outcomes(3) == [Status.ok, Status.ok, Status.ok])
        Self.stop(sink)
    }

    @Test func aFullDiskRefuses() throws {
        let folder = Folder()
        let limits = folder.limits { $0.maxDiskBytes = 5000 }
        let sink = ScriptedSink([.pending], concurrent: false, storage: limits)
        try Self.start(sink)
        var taken = 0
        var refusal = weir_error.make()
        for _ in 0..<10 {
            refusal = sink.offer(1, bytes: 1000)
            if refusal.status == Status.ok { taken += 1 }
        }
        #expect(taken == 5)
        #expect(refusal.status == Status.retry && refusal.retry_after_ns > 0)
        #expect(sink.unaccounted == 0)
        Self.stop(sink)
    }

    /// A reload puts another instance in place: the queue stays open, and what is in it goes there.
    @Test func anInstanceInPlaceOfAnotherGoesOnWithTheQueue() throws {
        let folder = Folder()
        let first = ScriptedSink([.pending], concurrent: false, storage: folder.limits())
        try Self.start(first)
        for items in 1...5 { first.offer(items) }
        let second = ScriptedSink(concurrent: false, counters: first.counters)
        try first.node.open()
        first.node.replace(with: second.node.target)
        #expect(second.delivered == [2, 3, 4, 5])
        first.settle(.init(status: Status.cancelled))
        #expect(second.delivered == [2, 3, 4, 5, 1])
        #expect(first.node.isEmpty && first.unaccounted == 0)
        Self.stop(first)
        let next = ScriptedSink(storage: folder.limits())
        try next.node.open()
        #expect(next.node.isEmpty)
        Self.stop(next)
    }

    /// The pieces of one that is being searched are one record: it leaves the disk with the last.
    @Test func aSearchGoesOnAtTheInstanceInPlace() throws {
        let folder = Folder()
        var builder = RequestBuilder(.logs)
        builder.resource([])
        builder.scope(name: "s")
        for id in 0..<4 { builder.logRecord(LogRecord(.string("<\(id)>"))) }
        let body = ByteBuffer(bytes: builder.finish())
        let first = ScriptedSink([.refused, .retry], concurrent: false, storage: folder.limits())
        try Self.start(first)
        first.offer(HostBatch(signal: .logs, items: 4, parts: [body], owners: []))
        #expect(first.seen == [4, 2])
        let second = ScriptedSink([.pending], concurrent: false, counters: first.counters)
        first.node.replace(with: second.node.target)
        let queue = try #require(first.node.durableQueue)
        #expect(first.node.load(.logs).items == 4 && queue.usage.records == 1)
        second.settle(.ok)
        #expect(second.seen == [2, 2] && first.node.isEmpty)
        #expect(first.counters.sent[.logs] == 4)
        Self.stop(first)
        let next = ScriptedSink(storage: folder.limits())
        try next.node.open()
        #expect(next.node.isEmpty)
        Self.stop(next)
    }

    /// A sink that a reload took out ends only if no other reload is about to take it back.
    @Test func whatIsClaimedDoesNotRetire() throws {
        let sink = ScriptedSink()
        #expect(sink.node.claim())
        #expect(!sink.node.retire(sink.node.target))
        sink.node.unclaim()
        #expect(sink.node.retire(sink.node.target))
        #expect(!sink.node.claim())
        let closed = ScriptedSink()
        closed.node.close()
        #expect(!closed.node.claim())
    }

    @Test func aFolderThatIsInUseIsSaid() throws {
        let folder = Folder()
        let first = ScriptedSink(storage: folder.limits())
        try first.node.open()
        let second = ScriptedSink(storage: folder.limits())
        do {
            try second.node.open()
            Issue.record("opened twice")
        } catch {
            #expect(error.message.contains("process \(getpid())"))
        }
        Self.stop(first)
    }
}
