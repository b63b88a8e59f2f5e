import CWeirSystem
import Foundation
import NIOCore
import Testing

@testable import WeirStorage

/// Whatever lies in the folder: the queue opens, what is whole is there, the rest is counted.
@Suite struct DamageTests {
    /// A folder with records of these sizes in one segment, as a killed process leaves it.
    private static func killed(_ sizes: [Int], withIndex: Bool) throws -> (Folder, [UInt64]) {
        let folder = Folder()
        let queue = try DurableQueue(.init(directory: folder.path))
        let ids = try sizes.enumerated().map { try queue.store(bytes($0.offset, $0.element)) }
        queue.flush()
        let copy = try folder.copy()
        if !withIndex { copy.remove(QueueIndex.files) }
        return (copy, ids)
    }

    private static func open(_ folder: Folder, _ events: Events = Events()) throws -> DurableQueue {
        try DurableQueue(.init(directory: folder.path), report: events.report)
    }

    @Test func aLostIndexIsMadeAgain() throws {
        let (folder, ids) = try Self.killed([5, 100, 0, 3000], withIndex: false)
        let events = Events()
        let queue = try Self.open(folder, events)
        #expect(queue.pending().map(\.id) == ids)
        #expect(try queue.body(ids[3]) == bytes(3, 3000))
        #expect(events.rebuilt == 1)
        #expect(events.damaged == 0)
    }

    @Test(arguments: [0, 1, 100, 4000]) func anIndexOfRubbishIsMadeAgain(_ length: Int) throws {
        let (folder, ids) = try Self.killed([5, 100], withIndex: false)
        try folder.write("index.sqlite", bytes(length, length))
        let events = Events()
        let queue = try Self.open(folder, events)
        #expect(queue.pending().map(\.id) == ids)
        #expect(events.rebuilt == 1)
        // And is whole from then on.
        queue.close()
        let later = Events()
        #expect(try Self.open(folder, later).pending().map(\.id) == ids)
        #expect(later.all == [])
    }

    /// A write that was not finished, at each byte of the last record.
    @Test func aTornEndIsCut() throws {
        let (whole, ids) = try Self.killed([10, 70, 90], withIndex: false)
        let name = try #require(whole.segments.first)
        let all = whole.bytes(name)
        let end = all.count - 90 - RecordHeader.size
        for length in end..<all.count {
            let folder = Folder()
            try folder.write(name, Array(all[..<length]))
            let events = Events()
            let queue = try Self.open(folder, events)
            #expect(queue.pending().map(\.id) == Array(ids.dropLast()), "cut at \(length)")
            #expect(try queue.body(ids[1]) == bytes(1, 70))
            #expect(events.torn == (length == end ? 0 : 1), "cut at \(length)")
            #expect(events.damaged == 0)
            #expect(folder.bytes(name).count == end)
        }
    }

    /// What ends before its first record does: nothing there, and no complaint that would matter.
    @Test func aSegmentThatHasJustBegunIsCut() throws {
        let (whole, _) = try Self.killed([1], withIndex: false)
        let name = try #require(whole.segments.first)
        let all = whole.bytes(name)
        for length in 0..<all.count {
            let folder = Folder()
            try folder.write(name, Array(all[..<length]))
            let queue = try Self.open(folder)
            #expect(queue.pending() == [])
            #expect(try queue.body(queue.store([1, 2])) == [1, 2])
        }
    }

    /// Zeros at the end: the file grew, and the machine stopped before its bytes were there.
    @Test func zerosAtTheEndAreCut() throws {
        let (folder, ids) = try Self.killed([10, 70], withIndex: false)
        let name = try #require(folder.segments.first)
        try folder.write(name, folder.bytes(name) + [UInt8](repeating: 0, count: 5000))
        let events = Events()
        #expect(try Self.open(folder, events).pending().map(\.id) == ids)
        #expect(events.torn == 1)
        #expect(events.damaged == 0)
    }

    /// What the index says was stored and is not there is told, and the rest is delivered.
    @Test func aShortenedSegmentIsToldOf() throws {
        let (folder, ids) = try Self.killed([10, 70, 90], withIndex: true)
        let name = try #require(folder.segments.first)
        try folder.write(name, Array(folder.bytes(name).dropLast(1)))
        let events = Events()
        let queue = try Self.open(folder, events)
        #expect(queue.pending().map(\.id) == Array(ids.dropLast()))
        #expect(events.lost == 1)
        #expect(queue.statistics.damagedRecords == 1)
    }

    @Test func aDeletedSegmentIsToldOf() throws {
        let (folder, _) = try Self.killed([10, 70, 90], withIndex: true)
        folder.remove(folder.segments)
        let events = Events()
        let queue = try Self.open(folder, events)
        #expect(queue.pending() == [])
        #expect(events.lost == 3)
        let id = try queue.store([1])
        #expect(try queue.body(id) == [1])
    }

    /// Each bit of a small segment: what is damaged is told, all else is there, in order.
    @Test(arguments: [false, true]) func everyFlippedBitIsNoticed(_ withIndex: Bool) throws {
        let sizes = [3, 40, 0, 17]
        let (whole, ids) = try Self.killed(sizes, withIndex: withIndex)
        let name = try #require(whole.segments.first)
        let all = whole.bytes(name)
        for bit in stride(from: 0, to: all.count * 8, by: 11) {
            let folder = try whole.copy()
            var flipped = all
            flipped[bit / 8] ^= 1 << (bit % 8)
            try folder.write(name, flipped)
            let events = Events()
            let queue = try Self.open(folder, events)
            var found: [UInt64] = []
            for record in queue.pending() {
                guard let body = try? queue.body(record.id) else { continue }
                let place = try #require(ids.firstIndex(of: record.id), "bit \(bit)")
                #expect(body == bytes(place, sizes[place]), "bit \(bit)")
                found.append(record.id)
            }
            #expect(found == found.sorted())
            // One record is damaged, or none: the segment's own header, of which none needs it.
            #expect(found.count >= ids.count - 1, "bit \(bit)")
            if found.count < ids.count {
                #expect(queue.statistics.damagedRecords == 1, "bit \(bit)")
                #expect(events.damaged + events.torn >= 1, "bit \(bit)")
            }
            #expect(queue.pending().count == found.count)
        }
    }

    @Test func whatIsDamagedIsKeptInQuarantine() throws {
        let (folder, ids) = try Self.killed([30, 40, 50], withIndex: true)
        let name = try #require(folder.segments.first)
        var all = folder.bytes(name)
        let start = SegmentHeader.size + RecordHeader.size + 30
        all[start + RecordHeader.size + 7] ^= 0x10
        try folder.write(name, all)
        let queue = try Self.open(folder)
        #expect(queue.pending().map(\.id) == ids)
        do {
            _ = try queue.read(ids[1])
            Issue.record("read what is damaged")
        } catch {
            #expect(error.code == .damaged)
        }
        #expect(queue.pending().map(\.id) == [ids[0], ids[2]])
        #expect(
            folder.bytes("quarantine/\(name)-\(start)")
                == Array(all[start..<start + RecordHeader.size + 40]))
    }

    /// Bits of the index: a record may come once more, none is lost.
    @Test func noFlippedBitOfTheIndexLosesARecord() throws {
        let folder = Folder()
        let queue = try DurableQueue(.init(directory: folder.path))
        let ids = try (0..<30).map { try queue.store(bytes($0, 50)) }
        queue.remove(Array(ids[..<10]))
        queue.close()
        let all = folder.bytes("index.sqlite")
        // Where anything is at all: elsewhere, SQLite does not look either.
        let used = all.indices.filter { all[$0] != 0 }
        var generator = SeededGenerator(state: 7)
        for _ in 0..<100 {
            let copy = try folder.copy()
            var flipped = all
            let place = used.randomElement(using: &generator)!
            flipped[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            try copy.write("index.sqlite", flipped)
            let again = try Self.open(copy)
            #expect(Set(again.pending().map(\.id)).isSuperset(of: ids[10...]), "byte \(place)")
            for id in ids[10...] {
                #expect((try? again.body(id).count) == 50, "byte \(place)")
            }
        }
    }

    /// A body that looks like a record is not taken for one when a header before it is damaged.
    @Test func aForgedRecordIsNotFound() throws {
        let folder = Folder()
        var forged: [UInt8] = []
        RecordHeader(
            salt: 0, id: 99, unixNano: 0, items: 1, length: 2, bodySum: checksum([1, 2]), signal: 1
        ).append(to: &forged)
        forged += [1, 2]
        let queue = try DurableQueue(.init(directory: folder.path))
        try queue.store([1])
        try queue.store(forged)
        let copy = try folder.copy()
        copy.remove(QueueIndex.files)
        let name = try #require(copy.segments.first)
        var all = copy.bytes(name)
        all[SegmentHeader.size + RecordHeader.size + 1] ^= 1
        try copy.write(name, all)
        #expect(try Self.open(copy).pending().map(\.id) == [1])
    }

    @Test func sumsAreCRC32C() {
        // RFC 3720, B.4.
        #expect(checksum([UInt8](repeating: 0, count: 32)[...]) == 0x8a91_36aa)
        #expect(checksum(Array(0..<32)[...]) == 0x46dd_794e)
        #expect(checksum(Array("123456789".utf8)[...]) == 0xe306_9283)
        for length in 0..<64 {
            let all = bytes(length, length)
            let sum = unsafe all.withUnsafeBytes {
                unsafe weir_crc32c_portable(0, $0.baseAddress, $0.count)
            }
            #expect(checksum(all[...]) == sum)
            let half = length / 2
            #expect(checksum(all[half...], after: checksum(all[..<half])) == sum)
        }
    }
}
