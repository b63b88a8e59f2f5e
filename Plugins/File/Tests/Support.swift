import Foundation
import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import FilePlugin

extension TemporaryFolder {
    var names: [String] { get throws { try Files.names(in: path) } }

    func bytes(_ name: String) throws -> [UInt8] { try Files.read(path(name), limit: 64 << 20) }
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
