public import WeirTelemetry

/// Small OTLP requests, written field by field as the specification numbers them, so that they do
/// not depend on the writers that they help to test.
public enum OTLPSample {
    /// Requests that differ in what receivers have to cope with.
    public static func all(_ signal: Signal) -> [[UInt8]] {
        [
            request(signal, records: 1),
            request(signal, records: 7, service: "checkout"),
            request(signal, records: 3, resourceLast: true),
            request(signal, records: 2, service: "a") + request(signal, records: 2, service: "b"),
            request(signal, records: 2, unknownField: true),
        ]
    }

    /// One request with one resource, one scope and so many records.
    ///
    /// - Parameters:
    ///   - resourceLast: `resource` after its children, as the Collector writes it.
    ///   - unknownField: a field that no version of OTLP has, in each resource.
    ///   - padding: bytes of text that each record carries.
    public static func request(
        _ signal: Signal, records: Int, service: String = "test", resourceLast: Bool = false,
        unknownField: Bool = false, padding: Int = 0
    ) -> [UInt8] {
        let text = [UInt8](repeating: UInt8(ascii: "x"), count: padding)
        let list = (0..<records).flatMap { index -> [UInt8] in
            switch signal {
            case .traces: message(2, span(index, text))
            case .metrics: message(2, metric(index, text))
            case .logs: message(2, log(index, text))
            }
        }
        let resource = message(1, message(1, attribute("service.name", service)))
        let scope = message(2, message(1, message(1, Array("scope".utf8))) + list)
        let unknown = unknownField ? message(500, [1, 2, 3]) : []
        return message(1, (resourceLast ? scope + resource : resource + scope) + unknown)
    }

    private static func span(_ index: Int, _ text: [UInt8]) -> [UInt8] {
        let id = (0..<8).map { UInt8(truncatingIfNeeded: index >> ($0 * 8)) | 1 }
        return message(1, id + id) + message(2, id) + message(5, Array("span".utf8) + text)
            + fixed64(7, 1_735_689_600_000_000_000) + fixed64(8, 1_735_689_600_100_000_000)
    }

    private static func metric(_ index: Int, _ text: [UInt8]) -> [UInt8] {
        let point = fixed64(3, 1_735_689_600_000_000_000) + fixed64(6, UInt64(index))
        return message(1, Array("metric.\(index)".utf8) + text) + message(5, message(1, point))
    }

    private static func log(_ index: Int, _ text: [UInt8]) -> [UInt8] {
        fixed64(1, 1_735_689_600_000_000_000) + varint(2 << 3) + varint(9)
            + message(5, message(1, Array("line \(index)".utf8) + text))
    }

    private static func attribute(_ key: String, _ value: String) -> [UInt8] {
        message(1, Array(key.utf8)) + message(2, message(1, Array(value.utf8)))
    }

    private static func message(_ field: Int, _ bytes: [UInt8]) -> [UInt8] {
        varint(field << 3 | 2) + varint(bytes.count) + bytes
    }

    private static func fixed64(_ field: Int, _ value: UInt64) -> [UInt8] {
        varint(field << 3 | 1) + (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    private static func varint(_ value: Int) -> [UInt8] {
        var rest = UInt64(value)
        var bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
