import WeirJSON
import WeirTelemetry

/// `google.rpc.Status`, the body of an OTLP/HTTP answer that is no success:
/// `int32 code = 1; string message = 2`.
struct StatusMessage: Sendable, Equatable {
    var code: Int
    var message: String

    func encoded(_ encoding: Encoding) -> [UInt8] {
        switch encoding {
        case .proto:
            var bytes: [UInt8] = []
            bytes.appendField(1, varint: UInt64(code))
            bytes.appendField(2, text: message)
            return bytes
        case .json:
            var writer = JSONWriter()
            writer.beginObject()
            writer.key("code")
            writer.integer(code)
            writer.key("message")
            writer.string(message)
            writer.endObject()
            return writer.bytes
        }
    }

    /// The text of a status that a server sent; `nil` where there is none.
    static func message(in body: RawSpan, _ encoding: Encoding) -> String? {
        switch encoding {
        case .proto:
            var reader = WireReader(body)
            var message: String?
            while let tag = reader.nextTag() {
                if tag.number == 2, tag.wireType == .bytes {
                    guard let text = reader.readBytes() else { return message }
                    message = text.text(limit: 300)
                } else {
                    guard reader.skip(tag) else { return message }
                }
            }
            return message
        case .json:
            return (try? JSONValue(parsing: body))?["message"]?.stringValue
        }
    }
}

// The few fields that this plugin writes are small and rarely written.
extension [UInt8] {
    mutating func appendVarintBytes(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        append(UInt8(value))
    }

    mutating func appendField(_ number: UInt8, varint value: UInt64) {
        append(number << 3)
        appendVarintBytes(value)
    }

    mutating func appendField(_ number: UInt8, text: String) {
        appendField(number, bytes: Array(text.utf8))
    }

    mutating func appendField(_ number: UInt8, bytes: [UInt8]) {
        append(number << 3 | 2)
        appendVarintBytes(UInt64(bytes.count))
        append(contentsOf: bytes)
    }
}
