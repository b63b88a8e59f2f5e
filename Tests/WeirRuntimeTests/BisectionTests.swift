import CWeir
import Foundation
import NIOCore
import Synchronization
import Testing
import WeirStorage
import WeirTelemetry

@testable import WeirRuntime

/// Batches that are refused as a whole for some of their items.
@Suite struct BisectionTests {
    /// Log records "<0>", "<1>", …; those in `bad` are "<!N>".
    private static func request(_ ids: Range<Int>, bad: Set<Int>) -> ByteBuffer {
        var builder = RequestBuilder(.logs)
        builder.resource([Attribute("service.name", "shop")])
        builder.scope(name: "s")
        for id in ids {
            builder.logRecord(LogRecord(.string(bad.contains(id) ? "<!\(id)>" : "<\(id)>")))
        }
        return ByteBuffer(bytes: builder.finish())
    }

    private static func batch(_ count: Int, bad: Set<Int>, parts: Int = 1) -> HostBatch {
        let size = count / parts
        let buffers = (0..<parts).map { index in
            request(index * size..<(index == parts - 1 ? count : (index + 1) * size), bad: bad)
        }
        return HostBatch(signal: .logs, items: count, parts: buffers, owners: [])
    }

    /// The ids in a request, good and bad.
    private static func ids(_ bytes: [UInt8]) -> [Int] {
        String(decoding: bytes, as: UTF8.self).split(separator: "<").dropFirst().compactMap {
            Int($0.prefix { $0 != ">" }.drop { $0 == "!" })
        }
    }

    /// What a sink took that refuses every batch with a bad item in it.
    private final class Taken: Sendable {
        let ids = Mutex<[Int]>([])
    }

    private func picky(_ sink: ScriptedSink) -> Taken {
        let taken = Taken()
        sink.judge { bytes in
            if bytes.contains(UInt8(ascii: "!")) { return .refused }
            taken.ids.withLock { $0 += Self.ids(bytes) }
            return .ok
        }
        return taken
    }

    private func unaccounted(_ sink: ScriptedSink) -> Int {
        sink.counters.accepted[.logs] - sink.counters.sent[.logs]
            - sink.counters.dropped.total(.logs) - sink.node.load(.logs).items
    }

    static let rows: [(Int, Set<Int>, Int)] = [
        (2, [1], 1), (3, [0], 1), (100, [0], 1), (100, [99], 1), (100, [37], 1),
        (100, [20, 80], 1),
        (8192, [5000], 1), (100, [37], 7), (100, [0, 50, 99], 10), (1000, [1, 2, 3], 1),
    ]

    @Test(arguments: rows)
    func onlyTheBadItemsAreDropped(count: Int, bad: Set<Int>, parts: Int) {
        let sink = ScriptedSink()
        let taken = picky(sink)
        sink.offer(Self.batch(count, bad: bad, parts: parts))
        #expect(taken.ids.withLock { $0.sorted() } == (0..<count).filter { !bad.contains($0) })
        #expect(
            sink.counters.dropped.all == [.init(signal: .logs, reason: "refused"): bad.count])
        #expect(sink.attempts.count <= Bisection.limit + 1)
        #expect(sink.node.isEmpty && unaccounted(sink) == 0)
    }

    /// A sink that refuses everything costs a few attempts once, then one each, for a minute.
    @Test func whereEverythingIsRefusedNothingIsSearched() {
        let sink = ScriptedSink()
        sink.judge { _ in .refused }
        sink.offer(Self.batch(1000, bad: []))
        #expect(sink.attempts.count == 1 + Bisection.hopeless)
        #expect(sink.counters.dropped.total(.logs) == 1000)
        sink.offer(Self.batch(1000, bad: []))
        #expect(sink.attempts.count == 2 + Bisection.hopeless)
        sink.time.advance(seconds: 61)
        let taken = picky(sink)
        sink.offer(Self.batch(10, bad: [3]))
        #expect(taken.ids.withLock { $0.count } == 9)
        #expect(sink.node.isEmpty && unaccounted(sink) == 0)
    }

    /// Too many bad items to find: the attempts are bounded, what is left goes as it is.
    @Test func attemptsAreBounded() {
        let sink = ScriptedSink()
        let taken = picky(sink)
        let bad = Set(stride(from: 0, to: 1000, by: 10))
        sink.offer(Self.batch(1000, bad: bad))
        #expect(sink.attempts.count <= Bisection.limit + 1)
        #expect(taken.ids.withLock { Set($0).isDisjoint(with: bad) })
        #expect(sink.node.isEmpty && unaccounted(sink) == 0)
    }

    /// Pieces are tried again, and dropped at the end, like any batch.
    @Test func piecesAreRetriedAndDroppedAtTheEnd() {
        let sink = ScriptedSink()
        sink.judge { $0.contains(UInt8(ascii: "!")) ? .refused : .retry }
        sink.offer(Self.batch(8, bad: [0]))
        #expect(sink.node.load(.logs).items == 8 && unaccounted(sink) == 0)
        sink.node.close()
        #expect(sink.node.isEmpty && sink.time.pending == 0 && unaccounted(sink) == 0)
        #expect(sink.counters.dropped.total(.logs) == 8)
    }

    @Test func whoeverWaitsIsToldOfTheBadItems() {
        let (watcher, sink) = (AcknowledgementTests.Watcher(), ScriptedSink())
        _ = picky(sink)
        var batch: HostBatch? = Self.batch(10, bad: [4])
        #expect(watcher.watch(batch!) == Status.ok)
        sink.offer(batch!)
        batch = nil
        #expect(watcher.outcomes(1) == [Status.refused])
    }

    @Test func deadLettersCanBeSentAgain() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "refused.jsonl").path
        let sink = ScriptedSink(deadLetters: DeadLetterFile(path: path, limit: 1 << 20))
        _ = picky(sink)
        sink.offer(Self.batch(100, bad: [7, 70]))
        var lines: [Substring] = []
        while lines.count < 2 {
            usleep(1000)
            let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            lines = text.split(separator: "\n")
        }
        var found: [Int] = []
        for line in lines {
            let json = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(json["sink"] as? String == "sink test" && json["signal"] as? String == "logs")
            #expect(json["items"] as? Int == 1 && json["reason"] as? String == "scripted")
            #expect(Int(json["time_unix_nano"] as? String ?? "") != nil)
            let request = try JSONSerialization.data(withJSONObject: json["request"] ?? [:])
            let bytes = Array(request)
            found += Self.ids(try protobuf(fromJSON: bytes.span.bytes, as: .logs))
        }
        #expect(found.sorted() == [7, 70])
    }

    /// What cannot be kept is said at the start: afterwards it is lost.
    @Test func deadLettersHaveAPlaceFromTheStart() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "deep/refused.jsonl").path
        try DeadLetterFile(path: path, limit: 1 << 20).prepare()
        #expect(FileManager.default.fileExists(atPath: path))
        for wrong in [folder.path, path + "/below.jsonl"] {
            let error = #expect(throws: StorageError.self) {
                try DeadLetterFile(path: wrong, limit: 1 << 20).prepare()
            }
            #expect("\(try #require(error))".contains(folder.path), "\(wrong)")
        }
    }

    @Test func deadLettersAreBounded() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "refused.jsonl").path
        let file = DeadLetterFile(path: path, limit: 2000)
        let sink = ScriptedSink(deadLetters: file)
        sink.judge { _ in .refused }
        var size = 0
        for round in 1...40 {
            sink.offer(Self.batch(1, bad: [0]))
            while true {
                let all = [path, path + ".1"].compactMap {
                    FileManager.default.contents(atPath: $0)
                }
                #expect(all.allSatisfy { $0.count <= 2000 })
                size = max(size, all.count)
                if file.lines >= round { break }
                usleep(500)
            }
        }
        #expect(size == 2)
        #expect(sink.counters.dropped.total(.logs) == 40)
    }
}
