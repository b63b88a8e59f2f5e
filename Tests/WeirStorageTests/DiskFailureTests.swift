import Foundation
import Glibc
import NIOCore
import Synchronization
import Testing

@testable import WeirStorage

/// A disk that is full, or fails: what is not stored is said so, what was stays whole, and work goes
/// on when the disk does.
@Suite struct DiskFailureTests {
    /// Lets some calls through, then fails until told otherwise.
    final class Faults: Sendable {
        let failing = Atomic<Int32>(0)
        let syncFailing = Atomic<Int32>(0)
        /// Writes at most this much at once, before it fails.
        let shortest = Atomic<Int>(Int.max)

        var calls: DiskCalls {
            var calls = DiskCalls.system
            unsafe calls.write = { descriptor, slices, count, offset in
                let number = self.failing.load(ordering: .relaxed)
                if number == 0 { return unsafe pwritev(descriptor, slices, count, offset) }
                let short = self.shortest.exchange(0, ordering: .relaxed)
                if short > 0, short < Int.max, unsafe slices[0].iov_len >= short {
                    return unsafe pwrite(descriptor, slices[0].iov_base, short, offset)
                }
                errno = number
                return -1
            }
            calls.sync = { descriptor in
                let number = self.syncFailing.load(ordering: .relaxed)
                if number == 0 { return fdatasync(descriptor) }
                errno = number
                return -1
            }
            return calls
        }
    }

    @Test(arguments: [
        (ENOSPC, StorageError.Code.diskFull), (EDQUOT, .diskFull), (EIO, .io),
    ])
    func aWriteThatFailsLeavesNothing(_ number: Int32, _ code: StorageError.Code) throws {
        let (folder, faults, events) = (Folder(), Faults(), Events())
        var options = DurableQueue.Options(directory: folder.path)
        options.calls = faults.calls
        let queue = try DurableQueue(options, report: events.report)
        let first = try queue.store(bytes(1, 100))
        faults.failing.store(number, ordering: .relaxed)
        for short in [0, 1, 20, 48] {
            faults.shortest.store(short, ordering: .relaxed)
            do {
                try queue.store(bytes(2, 100))
                Issue.record("stored on a disk that fails")
            } catch let error as StorageError {
                #expect(error.code == code)
                #expect(error.mayRetry)
            }
        }
        #expect(queue.pending().map(\.id) == [first])
        #expect(queue.usage.bytes == 100)
        faults.failing.store(0, ordering: .relaxed)
        let last = try queue.store(bytes(3, 100))
        #expect(try queue.body(last) == bytes(3, 100))
        // Said once each.
        #expect(events.all.count == 2)
        #expect(events.all.last == .recovered)
        queue.close()
        let later = Events()
        let again = try DurableQueue(.init(directory: folder.path), report: later.report)
        #expect(again.pending().map(\.id) == [first, last])
        #expect(later.all == [])
        #expect(queue.statistics.failed == 4)
    }

    /// What of a failed fsync is on the disk is not known (and Linux says it once): that file is never
    /// trusted again.
    @Test func aSyncThatFailsEndsTheSegment() throws {
        let (folder, faults) = (Folder(), Faults())
        var options = DurableQueue.Options(directory: folder.path)
        options.calls = faults.calls
        let queue = try DurableQueue(options)
        let first = try queue.store(bytes(1, 100))
        faults.syncFailing.store(EIO, ordering: .relaxed)
        #expect(throws: StorageError.self) { try queue.store(bytes(2, 100)) }
        faults.syncFailing.store(0, ordering: .relaxed)
        let last = try queue.store(bytes(3, 100))
        #expect(folder.segments.count == 2)
        let copy = try folder.copy()
        copy.remove(QueueIndex.files)
        let again = try DurableQueue(.init(directory: copy.path))
        #expect(again.pending().map(\.id) == [first, last])
        #expect(try again.body(last) == bytes(3, 100))
    }

    /// A real disk of one megabyte: fill it, empty it, fill it again.
    @Test(.enabled(if: getuid() == 0, "mounting needs root"))
    func aFullDiskIsBackpressure() throws {
        let folder = Folder()
        try #require(unsafe mount("tmpfs", folder.path, "tmpfs", 0, "size=2m") == 0)
        defer { umount2(folder.path, Int32(MNT_DETACH)) }
        var options = DurableQueue.Options(directory: folder.path + "/queue")
        options.segmentBytes = 200_000
        let events = Events()
        var queue: DurableQueue? = try DurableQueue(options, report: events.report)
        var kept: [UInt64: Int] = [:]
        var next = 0
        for round in 0..<4 {
            while true {
                do {
                    kept[try queue!.store(bytes(next, 30_000))] = next
                    next += 1
                } catch let error as StorageError {
                    #expect(error.code == .diskFull)
                    break
                }
            }
            #expect(kept.count > 30, "round \(round)")
            // All that was acknowledged is there, in a process that comes after as well.
            queue!.close()
            queue = nil
            queue = try DurableQueue(options, report: events.report)
            #expect(queue!.pending().map(\.id) == kept.keys.sorted(), "round \(round)")
            for (id, number) in kept { #expect(try queue!.body(id) == bytes(number, 30_000)) }
            let done = kept.keys.sorted().prefix(kept.count - 5)
            queue!.remove(Array(done))
            for id in done { kept[id] = nil }
            // Room comes when the writer has deleted the segments.
            while queue!.usage.diskBytes > 600_000 { Thread.sleep(forTimeInterval: 0.001) }
        }
        #expect(events.damaged == 0)
        #expect(events.lost == 0)
        queue!.close()
    }
}
