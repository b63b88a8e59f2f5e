import Foundation
import NIOCore
import Testing

@testable import WeirStorage

/// A process that stores and removes is killed at any moment; what it had been told was safe is.
@Suite struct CrashTests {
    private struct Stored: Equatable {
        var signal: UInt8
        var items: Int
        var seed: UInt64
        var length: Int

        var body: [UInt8] {
            var body = ByteBuffer()
            var state = seed
            for _ in 0..<(length + 7) / 8 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                body.writeInteger(state)
            }
            return Array(body.readableBytesView.prefix(length))
        }
    }

    /// The program beside the tests.
    private static var victim: URL {
        Bundle.allBundles.map(\.bundleURL).first { $0.pathExtension == "xctest" }?
            .deletingLastPathComponent().appending(path: "weir-storage-victim")
            ?? URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: "weir-storage-victim")
    }

    @Test(arguments: 0..<4) func killedAtAnyMoment(_ series: Int) async throws {
        let folder = Folder()
        var acknowledged: [UInt64: Stored] = [:]
        var removed = Set<UInt64>()
        for round in 0..<6 {
            let lines = try Self.run(folder.path, milliseconds: Int.random(in: 5...250))
            for line in lines {
                let words = line.split(separator: " ")
                switch words.first {
                case "a" where words.count == 6:
                    acknowledged[UInt64(words[1])!] = Stored(
                        signal: UInt8(words[2])!, items: Int(words[3])!, seed: UInt64(words[4])!,
                        length: Int(words[5])!)
                case "r" where words.count == 2: removed.insert(UInt64(words[1])!)
                case "p", "ready", nil: break
                case "e" where line.contains("unfinished write"): break
                default: Issue.record("series \(series), round \(round): \(line)")
                }
            }
        }
        let events = Events()
        let queue = try DurableQueue(.init(directory: folder.path), report: events.report)
        let pending = Dictionary(uniqueKeysWithValues: queue.pending().map { ($0.id, $0) })
        for (id, stored) in acknowledged where !removed.contains(id) {
            let record = try #require(pending[id], "record \(id) is lost")
            #expect(record.signal == stored.signal)
            #expect(record.items == stored.items)
            #expect(try queue.body(id) == stored.body)
        }
        // Those that were written, but not acknowledged, are whole as well.
        for id in pending.keys { #expect(throws: Never.self) { try queue.read(id) } }
        #expect(events.damaged == 0)
        #expect(events.lost == 0)
        #expect(queue.statistics.damagedRecords == 0)
    }

    /// Runs the victim for a while, kills it, and returns the whole lines that it wrote.
    private static func run(_ directory: String, milliseconds: Int) throws -> [String] {
        let process = Process()
        process.executableURL = victim
        process.arguments = [directory]
        let output = directory + ".out"
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        defer { try? FileManager.default.removeItem(atPath: output) }
        process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output))
        try process.run()
        // Not before it has opened the folder, mostly: the opening is to be killed at times, too.
        let until = Date.now.addingTimeInterval(10)
        while milliseconds > 20, Date.now < until,
            !(try String(contentsOfFile: output, encoding: .utf8)).contains("ready")
        {
            Thread.sleep(forTimeInterval: 0.002)
        }
        Thread.sleep(forTimeInterval: Double(milliseconds) / 1000)
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        let text = try String(contentsOfFile: output, encoding: .utf8)
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(
            String.init)
    }

    @Test func anotherProcessIsNamed() throws {
        let folder = Folder()
        let process = Process()
        process.executableURL = Self.victim
        process.arguments = [folder.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        var text = ""
        while !text.contains("ready") {
            let data = pipe.fileHandleForReading.availableData
            if data.isEmpty { break }
            text += String(decoding: data, as: UTF8.self)
        }
        do {
            _ = try DurableQueue(.init(directory: folder.path))
            Issue.record("opened a folder that another process uses")
        } catch {
            #expect(error.code == .inUse)
            #expect(error.message.contains("process \(process.processIdentifier)"))
        }
    }
}
