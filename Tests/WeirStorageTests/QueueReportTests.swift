import Foundation
import Testing

@testable import WeirStorage

@Suite struct QueueReportTests {
    @Test func saysWhatIsThereWhileItIsInUse() throws {
        let folder = Folder()
        let queue = try DurableQueue(.init(directory: folder.path))
        try queue.store(bytes(1, 100), signal: 2, items: 5)
        let second = try queue.store(bytes(2, 200), signal: 3, items: 7)
        try queue.store(bytes(3, 300), signal: 3, items: 9)
        queue.remove([second])
        queue.flush()
        let report = try QueueReport(folder.path)
        #expect(report.pending[2] == .init(records: 1, items: 5, bytes: 100))
        #expect(report.pending[3] == .init(records: 1, items: 9, bytes: 300))
        #expect(report.done >= 1)
        #expect(report.segments == 1)
        #expect(report.isSound)
        #expect(queue.pending().count == 2)
    }

    @Test func saysWhatIsDamagedAndRepairSetsItAside() throws {
        let folder = Folder()
        let queue = try DurableQueue(.init(directory: folder.path))
        for number in 0..<4 { try queue.store(bytes(number, 50)) }
        queue.close()
        let name = try #require(folder.segments.first)
        var all = folder.bytes(name)
        all[SegmentHeader.size + RecordHeader.size + 10] ^= 4
        try folder.write(name, all)
        let before = try QueueReport(folder.path)
        #expect(before.damaged == 1)
        #expect(before.pending[1]?.records == 3)
        #expect(!before.isSound)

        let again = try DurableQueue(.init(directory: folder.path))
        #expect(try again.verify() == 3)
        #expect(again.statistics.damagedRecords == 1)
        again.close()
        let after = try QueueReport(folder.path)
        #expect(after.quarantined.count == 1)
        #expect(after.pending[1]?.records == 3)
        #expect(after.damaged == 0)
        #expect(after.settled == 1)
        #expect(after.isSound)
    }

    /// Neither a look nor a start finds again what is in quarantine, with the index or without.
    @Test(arguments: [false, true], [[1], [1, 2], [0, 2]])
    func whatIsInQuarantineIsNotFoundAgain(_ losesIndex: Bool, _ which: [Int]) throws {
        let folder = Folder()
        let queue = try DurableQueue(.init(directory: folder.path))
        for number in 0..<4 { try queue.store(bytes(number, 50)) }
        queue.close()
        let name = try #require(folder.segments.first)
        var all = folder.bytes(name)
        for record in which {
            all[SegmentHeader.size + record * (RecordHeader.size + 50) + 9] ^= 4
        }
        try folder.write(name, all)
        let mended = try DurableQueue(.init(directory: folder.path))
        #expect(try mended.verify() == 4 - which.count)
        mended.close()

        if losesIndex { folder.remove(QueueIndex.files) }
        let report = try QueueReport(folder.path)
        #expect(report.damaged == 0)
        #expect(report.settled == (which == [1, 2] ? 1 : which.count))
        let events = Events()
        let next = try DurableQueue(.init(directory: folder.path), report: events.report)
        #expect(next.statistics.damagedRecords == 0)
        #expect(events.damaged == 0)
        #expect(try next.verify() == 4 - which.count)
    }

    /// A copy in quarantine speaks for those bytes only.
    @Test func otherDamageAtTheSamePlaceIsNew() throws {
        let folder = Folder()
        let queue = try DurableQueue(.init(directory: folder.path))
        for number in 0..<3 { try queue.store(bytes(number, 50)) }
        queue.close()
        folder.remove(QueueIndex.files)
        let name = try #require(folder.segments.first)
        var all = folder.bytes(name)
        all[SegmentHeader.size + RecordHeader.size + 10] ^= 4
        try folder.write(name, all)
        let mended = try DurableQueue(.init(directory: folder.path))
        #expect(mended.statistics.damagedRecords == 1)
        mended.close()
        all[SegmentHeader.size + RecordHeader.size + 11] ^= 4
        try folder.write(name, all)
        folder.remove(QueueIndex.files)
        #expect(try QueueReport(folder.path).damaged == 1)
        #expect(try DurableQueue(.init(directory: folder.path)).statistics.damagedRecords == 1)
    }

    @Test func anIndexCanBeMadeAnewOnRequest() throws {
        let folder = Folder()
        let queue = try DurableQueue(.init(directory: folder.path))
        let ids = try (0..<3).map { try queue.store(bytes($0, 50)) }
        queue.remove([ids[0]])
        queue.close()
        var options = DurableQueue.Options(directory: folder.path)
        options.rebuildsIndex = true
        let again = try DurableQueue(options)
        #expect(again.pending().map(\.id) == ids)
    }

    @Test func aFolderWithoutAQueueIsNone() throws {
        let folder = Folder()
        try folder.write("notes.txt", [1, 2, 3])
        #expect(try !QueueReport(folder.path).isThere)
        try DurableQueue(.init(directory: folder.path)).close()
        #expect(try QueueReport(folder.path).isThere)
    }

    @Test func aFolderThatIsNotThereIsAnError() {
        #expect(throws: StorageError.self) { try QueueReport("/nonexistent/queue") }
    }
}
