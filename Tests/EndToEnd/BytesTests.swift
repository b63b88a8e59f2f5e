import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// What no processor edits arrives byte for byte: descending order of fields, as the Collector
    /// writes it, unknown fields at every level, empty ids, non-minimal varints. Two requests that
    /// `batch` joins arrive as their concatenation.
    @Test(.timeLimit(.minutes(1)))
    func bytesStayBytes() async throws {
        let port = try await freePorts(1)[0]
        let weir = try await Weir(
            """
            receivers:
              otlp: {protocols: {http: {endpoint: "127.0.0.1:\(port)"}}}
            processors: {batch: {timeout: 1h, send_batch_size: 3}}
            sinks:
              file: {path: FOLDER/traces.pb, format: proto}
            service:
              pipelines:
                traces: {receivers: [otlp], processors: [batch], sinks: [file]}
            """)
        let first = Wire.request(spans: 1)
        let second = Wire.request(spans: 2)
        for (name, body) in [("first", first), ("second", second)] {
            let path = "\(weir.folder.path)/\(name).pb"
            try Data(body).write(to: URL(filePath: path))
            let result = try await Command(
                "/usr/bin/curl",
                [
                    "-sS", "-f", "-H", "content-type: application/x-protobuf", "--data-binary",
                    "@\(path)", "http://127.0.0.1:\(port)/v1/traces",
                ]
            ).run()
            #expect(result.status == 0, "\(result.errors)\(weir.log)")
        }
        #expect(try await weir.stop() == 0, "\(weir.log)")
        let file = try Data(contentsOf: URL(filePath: "\(weir.folder.path)/traces.pb"))
        let joined = first + second
        let length = (0..<4).map { UInt8(truncatingIfNeeded: joined.count >> (24 - 8 * $0)) }
        #expect(Array(file) == length + joined)
    }
}

/// OTLP as few senders write it, and every reader must take it.
private enum Wire {
    static func request(spans: Int) -> [UInt8] {
        var scope: [UInt8] = field(3, "https://example.com/schema")
        for number in 0..<spans { scope += field(2, span(number)) }
        scope += field(1, field(2, "1.0") + field(1, "scope"))
        let resource = field(1, field(2, field(1, "shop")) + field(1, "service.name"))
        // A field that no version of OTLP has, first and last.
        let group =
            field(2000, "unknown first") + field(2, scope) + field(1, resource)
            + [0xf8, 0x3e, 0x81, 0x00]
        return field(1, group)
    }

    private static func span(_ number: Int) -> [UInt8] {
        let id = [UInt8](repeating: UInt8(number + 1), count: 8)
        var bytes = field(500, "unknown in a span")
        bytes += field(5, "GET /\(number)")
        bytes += field(4, [UInt8]())
        bytes += field(2, id) + field(1, id + id)
        // kind = SERVER, as a varint of three bytes.
        return bytes + [0x30, 0x82, 0x80, 0x00]
    }

    private static func field(_ number: Int, _ text: String) -> [UInt8] {
        field(number, Array(text.utf8))
    }

    private static func field(_ number: Int, _ bytes: [UInt8]) -> [UInt8] {
        varint(number << 3 | 2) + varint(bytes.count) + bytes
    }

    private static func varint(_ value: Int) -> [UInt8] {
        var (value, bytes) = (value, [UInt8]())
        while value > 127 {
            bytes.append(UInt8(value & 127) | 128)
            value >>= 7
        }
        return bytes + [UInt8(value)]
    }
}
