import DebugPlugin
import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

import func Foundation.getenv
import struct Foundation.Data
import struct Foundation.URL

/// The folder with inputs (OTLP/JSON) and what is printed for them.
private let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .appending(path: "Golden")

func goldenInput(_ signal: Signal) throws -> [UInt8] {
    let json = try Data(contentsOf: folder.appending(path: "\(signal.name).json"))
    return try protobuf(fromJSON: Array(json), as: signal)
}

/// Compares with a golden file; with UPDATE_GOLDEN=1 in the environment, writes it.
func expectGolden(_ text: String, _ name: String) throws {
    let file = folder.appending(path: name)
    if unsafe getenv("UPDATE_GOLDEN") != nil { try Data(text.utf8).write(to: file) }
    let expected = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    #expect(text == expected, "\(name)")
}

/// What a sink with these settings writes to the log for one batch.
func printed(_ bytes: [[UInt8]], _ signal: Signal, _ settings: String) throws -> [String] {
    let host = FakeHost()
    let sink = try host.start(plugin, .sink, "debug", settings: settings)
    #expect(sink.deliver(try host.batch(signal, parts: bytes)).outcome == .delivered())
    try sink.end()
    #expect(host.logs.allSatisfy { $0.level == .info })
    return host.logs.map(\.message)
}
