import Foundation
import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import FilePlugin

/// A folder of its own for each test, removed at the end.
final class Scratch {
    let url = FileManager.default.temporaryDirectory.appending(
        path: "weir-file-\(UUID().uuidString)")
    var path: String { url.path(percentEncoded: false) }

    init() throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    }

    func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: url.appending(path: name)))
    }

    func text(_ name: String) throws -> String { String(decoding: try read(name), as: UTF8.self) }
}

/// Nanoseconds since 1970 of 2025-01-31T09:30:00.125Z.
let morning: UInt64 = 1_738_315_800_125_000_000

/// Reads what `format: proto` writes.
func unframe(_ bytes: [UInt8]) throws -> [[UInt8]] {
    var messages: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
        let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        try #require(rest.count >= 4 + length, "the file ends inside a message")
        messages.append(Array(rest.dropFirst(4).prefix(length)))
        rest = rest.dropFirst(4 + length)
    }
    return messages
}

func line(_ length: Int) -> Record {
    Record(Array(repeating: UInt8(ascii: "x"), count: length - 1) + [UInt8(ascii: "\n")])
}
