import Foundation
import WeirTelemetry

/// A golden file made by Google's protobuf: see `Fixtures/make_fixtures.py`.
func fixture(_ name: String) throws -> [UInt8] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return [UInt8](try Data(contentsOf: folder.appending(path: "Fixtures/" + name)))
}

// Protobuf by hand, so that the tests say what stands on the wire.
func varint(_ value: UInt64, size: Int = 1) -> [UInt8] {
    var bytes: [UInt8] = []
    var value = value
    while value >= 0x80 || bytes.count + 1 < size {
        bytes.append(UInt8(value & 0x7f) | 0x80)
        value >>= 7
    }
    return bytes + [UInt8(value)]
}

func tag(_ number: Int, _ type: UInt64, size: Int = 1) -> [UInt8] {
    varint(UInt64(number) << 3 | type, size: size)
}

func field(_ number: Int, _ content: [UInt8]) -> [UInt8] {
    tag(number, 2) + varint(UInt64(content.count)) + content
}

func field(_ number: Int, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

func field(_ number: Int, varint value: UInt64) -> [UInt8] { tag(number, 0) + varint(value) }

func field(_ number: Int, fixed64 value: UInt64) -> [UInt8] {
    tag(number, 1) + (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
}

func attribute(_ number: Int, _ key: String, _ value: String) -> [UInt8] {
    field(number, field(1, key) + field(2, field(1, value)))
}

/// A request with one group and one scope around the records.
func request(_ records: [UInt8]) -> [UInt8] { field(1, field(2, records)) }

extension [UInt8] {
    /// Calls with the borrowed bytes.
    func borrowed<R: ~Copyable, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try unsafe body(span.bytes)
    }
}
