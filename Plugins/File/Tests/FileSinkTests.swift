import Foundation
import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import FilePlugin

private let golden = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Golden")

struct FileSinkTests {
    private let scratch: TemporaryFolder
    private let host = FakeHost()

    init() throws { scratch = try TemporaryFolder() }

    private func start(_ more: String = "", name: String = "out.json") throws -> TestInstance {
        let more = more.isEmpty ? "" : ", " + more
        return try host.start(
            plugin, .sink, "file", settings: #"{"path": "\#(scratch.path)/\#(name)"\#(more)}"#)
    }

    @Test func conforms() throws {
        try conformance(
            plugin, ConformanceOptions(settings: ["file": #"{"path": "\#(scratch.path)/c"}"#]))
    }

    /// The golden lines are OTLP/JSON, so they are input and output. With UPDATE_GOLDEN=1 in the
    /// environment they are written anew.
    @Test(arguments: Signal.allCases)
    func goldenLines(_ signal: Signal) throws {
        let file = golden.appending(path: "\(signal.name).jsonl")
        let text = try Data(contentsOf: file)
        let sink = try start()
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let batch = try host.batch(signal, protobuf(fromJSON: Array(line), as: signal))
            #expect(sink.deliver(batch).outcome == .delivered())
        }
        try sink.end()
        if unsafe getenv("UPDATE_GOLDEN") != nil {
            try Data(scratch.bytes("out.json")).write(to: file)
        }
        #expect(try scratch.read("out.json") == String(decoding: text, as: UTF8.self))
    }

    /// Several parts are one request and so one line, or one message.
    @Test(arguments: ["json", "proto"])
    func partsAreOneRecord(_ format: String) throws {
        let parts = OTLPSample.all(.traces)
        let batch = try host.batch(.traces, parts: parts)
        let sink = try start(#""format": "\#(format)""#)
        #expect(sink.deliver(batch).outcome == .delivered())
        try sink.end()
        let written = try scratch.bytes("out.json")
        let message: [UInt8]
        if format == "proto" {
            let messages = try unframe(written)
            #expect(messages == [Array(parts.joined())])
            message = messages[0]
        } else {
            #expect(written.count { $0 == UInt8(ascii: "\n") } == 1)
            message = try protobuf(fromJSON: written, as: .traces)
        }
        #expect(try scan(message, as: .traces).items == batch.items)
    }

    /// More parts than one `writev` takes.
    @Test func manyParts() throws {
        let part = OTLPSample.request(.logs, records: 1)
        let parts = Array(repeating: part, count: 3000)
        let sink = try start(#""format": "proto""#)
        #expect(sink.deliver(try host.batch(.logs, parts: parts)).outcome == .delivered())
        try sink.end()
        #expect(try unframe(scratch.bytes("out.json")) == [Array(parts.joined())])
    }

    @Test(arguments: Signal.allCases)
    func protoCanBeReadBack(_ signal: Signal) throws {
        let sink = try start(#""format": "proto""#)
        let samples = OTLPSample.all(signal)
        for bytes in samples {
            #expect(sink.deliver(try host.batch(signal, bytes)).outcome == .delivered())
        }
        try sink.end()
        let messages = try unframe(scratch.bytes("out.json"))
        #expect(messages == samples)
        for message in messages { #expect(try scan(message, as: signal).items > 0) }
    }

    /// A batch is in the file when it counts as delivered: nothing waits in memory.
    @Test func nothingWaits() throws {
        let sink = try start(#""flush_interval": "1h""#)
        let bytes = OTLPSample.request(.logs, records: 2)
        #expect(sink.deliver(try host.batch(.logs, bytes)).outcome == .delivered())
        #expect(try scratch.bytes("out.json").last == UInt8(ascii: "\n"))
        try sink.end()
    }

    /// What is there before the process is emptied, not what a sink of the process has written: a
    /// reload would lose it.
    @Test(arguments: [(append: false, lines: 2), (true, 3)])
    func continuesOrEmpties(_ append: Bool, _ lines: Int) throws {
        try scratch.write("{}\n", to: "out.json")
        let batch = OTLPSample.request(.logs, records: 1)
        for _ in 0..<2 {
            let sink = try start(#""append": \#(append)"#)
            #expect(sink.deliver(try host.batch(.logs, batch)).outcome == .delivered())
            try sink.stop()
            sink.destroy()
        }
        #expect(try scratch.read("out.json").split(separator: "\n").count == lines)
    }

    @Test func makesDirectories() throws {
        let sink = try start(
            #""create_directory": true, "directory_permissions": "0700""#, name: "a/b/out.json")
        try sink.end()
        #expect(try scratch.names == ["a"])
        let attributes = try FileManager.default.attributesOfItem(atPath: scratch.path + "/a/b")
        #expect(attributes[.posixPermissions] as? Int == 0o700)
    }

    @Test(arguments: [
        (#""directory_permissions": "0700""#, "set it to true"),
        (#""create_directory": true, "directory_permissions": "rwx""#, "octal number"),
        (#""create_directory": true, "directory_permissions": "7777""#, "octal number"),
    ])
    func refusesSettings(_ settings: String, _ advice: String) throws {
        let error = #expect(throws: ComponentError.self) { try start(settings) }
        #expect(error?.kind == .invalid)
        #expect(error?.message.contains(advice) == true, "\(error?.message ?? "")")
    }

    @Test func rotatesBySize() throws {
        let sink = try start(#""rotation": {"max_megabytes": 1}"#)
        // Three to a file: a line has between a third and half a megabyte.
        let padding = 100_000
        let batch = try host.batch(.logs, OTLPSample.request(.logs, records: 3, padding: padding))
        for _ in 0..<7 {
            #expect(sink.deliver(batch).outcome == .delivered())
            host.advance(by: .seconds(1))
        }
        try sink.end()
        #expect(
            try scratch.names == [
                "out-2025-01-01T00-00-04.000.json", "out-2025-01-01T00-00-07.000.json", "out.json",
            ])
        let counts = try scratch.names.map {
            try scratch.read($0).split(separator: "\n").count
        }
        #expect(counts == [3, 3, 1])
    }
}
