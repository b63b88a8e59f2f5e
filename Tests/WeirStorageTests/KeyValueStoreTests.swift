import Foundation
import Testing

@testable import WeirStorage

@Suite struct KeyValueStoreTests {
    private static func key(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func valuesStay() throws {
        let folder = Folder()
        var store: KeyValueStore? = try KeyValueStore(directory: folder.path)
        try store!.set("receiver a", Self.key("k"), [1, 2, 3])
        try store!.set("receiver b", Self.key("k"), [])
        try store!.set("receiver a", [], [9])
        try store!.set("receiver a", Self.key("gone"), [1])
        try store!.remove("receiver a", Self.key("gone"))
        try store!.set("receiver a", Self.key("k"), [4])
        store = nil
        let again = try KeyValueStore(directory: folder.path)
        #expect(try again.get("receiver a", Self.key("k")) == [4])
        #expect(try again.get("receiver b", Self.key("k")) == [])
        #expect(try again.get("receiver a", []) == [9])
        #expect(try again.get("receiver a", Self.key("gone")) == nil)
        #expect(try again.get("receiver", Self.key("k")) == nil)
        again.close()
        do {
            _ = try again.get("receiver a", [])
            Issue.record("read after close")
        } catch {
            #expect(error.code == .closed)
        }
    }

    @Test func valuesSurviveACopyOfTheOpenFiles() throws {
        let folder = Folder()
        let store = try KeyValueStore(directory: folder.path)
        for number in 0..<100 { try store.set("c", [UInt8(number)], bytes(number, number * 10)) }
        let copy = try folder.copy()
        let again = try KeyValueStore(directory: copy.path)
        #expect(try again.get("c", [99]) == bytes(99, 990))
    }

    @Test func onlyOneProcess() throws {
        let folder = Folder()
        let store = try KeyValueStore(directory: folder.path)
        #expect(throws: StorageError.self) { try KeyValueStore(directory: folder.path) }
        store.close()
        #expect(throws: Never.self) { try KeyValueStore(directory: folder.path) }
    }

    /// Whatever bit is wrong: it opens, and gives nothing that was not written.
    @Test func damageGivesNoWrongValue() throws {
        let folder = Folder()
        let store = try KeyValueStore(directory: folder.path)
        for number in 0..<50 { try store.set("c", [UInt8(number)], bytes(number, 100)) }
        store.close()
        let all = folder.bytes(KeyValueTables.file)
        let used = all.indices.filter { all[$0] != 0 }
        var generator = SeededGenerator(state: 3)
        var kept = 0
        for _ in 0..<80 {
            let copy = try folder.copy()
            var flipped = all
            flipped[used.randomElement(using: &generator)!] ^=
                1
                << UInt8.random(
                    in: 0..<8, using: &generator)
            try copy.write(KeyValueTables.file, flipped)
            let again = try KeyValueStore(directory: copy.path)
            for number in 0..<50 {
                guard let value = try again.get("c", [UInt8(number)]) else { continue }
                #expect(value == bytes(number, 100))
                kept += 1
            }
            try again.set("c", [0], [7])
            #expect(try again.get("c", [0]) == [7])
        }
        // Nearly all of them, nearly always.
        #expect(kept > 80 * 50 * 8 / 10)
    }

    @Test func rubbishIsSetAside() throws {
        let folder = Folder()
        try folder.write(KeyValueTables.file, bytes(1, 5000))
        let events = Events()
        let store = try KeyValueStore(directory: folder.path, report: events.report)
        try store.set("c", [1], [2])
        #expect(try store.get("c", [1]) == [2])
        #expect(events.damaged == 1)
    }
}
