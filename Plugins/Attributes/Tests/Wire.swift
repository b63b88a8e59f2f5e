/// One protobuf field: as it stands, and its content where it is length-delimited.
struct WireField: Equatable {
    var number: Int
    var isMessage: Bool
    var raw: [UInt8]
    var content: [UInt8]
}

/// Protobuf by hand, so that the tests do not lean on what they test.
enum Wire {
    static func varint(_ value: UInt64) -> [UInt8] {
        var rest = value
        var bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    static func bytes(_ number: Int, _ content: [UInt8]) -> [UInt8] {
        varint(UInt64(number) << 3 | 2) + varint(UInt64(content.count)) + content
    }

    static func text(_ number: Int, _ text: String) -> [UInt8] { bytes(number, Array(text.utf8)) }

    static func number(_ number: Int, _ value: UInt64) -> [UInt8] {
        varint(UInt64(number) << 3) + varint(value)
    }

    static func fixed64(_ number: Int, _ value: UInt64) -> [UInt8] {
        varint(UInt64(number) << 3 | 1)
            + (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    /// A `KeyValue`; the value is the content of an `AnyValue`.
    static func attribute(_ number: Int, _ key: String, _ value: [UInt8]) -> [UInt8] {
        bytes(number, text(1, key) + bytes(2, value))
    }

    static func string(_ value: String) -> [UInt8] { text(1, value) }
    static func bool(_ value: Bool) -> [UInt8] { number(2, value ? 1 : 0) }
    static func int(_ value: Int64) -> [UInt8] { number(3, UInt64(bitPattern: value)) }
    static func double(_ value: Double) -> [UInt8] { fixed64(4, value.bitPattern) }
    static func list(_ values: [[UInt8]]) -> [UInt8] { bytes(5, values.flatMap { bytes(1, $0) }) }

    static func fields(_ message: [UInt8]) -> [WireField] {
        var at = 0
        func varint() -> Int {
            var value = 0
            var shift = 0
            while true {
                let byte = Int(message[at])
                at += 1
                value |= (byte & 0x7f) << shift
                shift += 7
                if byte < 0x80 { return value }
            }
        }
        var result: [WireField] = []
        while at < message.count {
            let start = at
            let tag = varint()
            var content: [UInt8] = []
            switch tag & 7 {
            case 0: _ = varint()
            case 1: at += 8
            case 5: at += 4
            default:
                let count = varint()
                content = Array(message[at..<(at + count)])
                at += count
            }
            result.append(
                WireField(
                    number: tag >> 3, isMessage: tag & 7 == 2, raw: Array(message[start..<at]),
                    content: content))
        }
        return result
    }
}
