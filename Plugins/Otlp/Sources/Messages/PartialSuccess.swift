import WeirJSON
import WeirTelemetry

/// What an Export response may say: `partial_success = 1`, in it `rejected_spans = 1` (or
/// `rejected_data_points`, `rejected_log_records`) and `error_message = 2`, for all signals.
///
/// Nothing rejected and a message is a warning; both absent is full success.
struct PartialSuccess: Sendable, Equatable {
    var rejected = 0
    var message = ""

    var isEmpty: Bool { rejected == 0 && message.isEmpty }

    func encoded(_ encoding: Encoding, _ signal: Signal) -> [UInt8] {
        switch encoding {
        case .proto:
            guard !isEmpty else { return [] }
            var inner: [UInt8] = []
            inner.appendField(1, varint: UInt64(rejected))
            inner.appendField(2, text: message)
            var bytes: [UInt8] = []
            bytes.appendField(1, bytes: inner)
            return bytes
        case .json:
            guard !isEmpty else { return Array("{}".utf8) }
            var writer = JSONWriter()
            writer.beginObject()
            writer.key("partialSuccess")
            writer.beginObject()
            writer.key(PartialSuccess.jsonKey(signal))
            writer.quotedInteger(rejected)
            writer.key("errorMessage")
            writer.string(message)
            writer.endObject()
            writer.endObject()
            return writer.bytes
        }
    }

    /// Reads a response. What is malformed is read as far as it goes: the batch was delivered, and
    /// an answer that makes no sense does not change that.
    init(response: RawSpan, _ encoding: Encoding, _ signal: Signal) {
        guard !response.isEmpty else { return }
        switch encoding {
        case .proto:
            var reader = WireReader(response)
            while let tag = reader.nextTag() {
                if tag.number == 1, tag.wireType == .bytes {
                    guard let inner = reader.readBytes() else { return }
                    read(inner)
                } else {
                    guard reader.skip(tag) else { return }
                }
            }
        case .json:
            guard let json = try? JSONValue(parsing: response) else { return }
            let inner = json["partialSuccess"]
            message = inner?["errorMessage"]?.stringValue ?? ""
            let count = inner?[PartialSuccess.jsonKey(signal)]
            rejected = Int(
                clamping: max(
                    0, count?.integerValue ?? count?.stringValue.flatMap { Int64($0) } ?? 0))
        }
    }

    init(rejected: Int = 0, message: String = "") {
        self.rejected = rejected
        self.message = message
    }

    private mutating func read(_ inner: RawSpan) {
        var reader = WireReader(inner)
        while let tag = reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (1, .varint):
                guard let value = reader.readVarint() else { return }
                // An int64: a negative count is a mistake and means none.
                rejected = Int(clamping: max(0, Int64(bitPattern: value)))
            case (2, .bytes):
                guard let text = reader.readBytes() else { return }
                message = text.text(limit: 400)
            default:
                guard reader.skip(tag) else { return }
            }
        }
    }

    private static func jsonKey(_ signal: Signal) -> String {
        switch signal {
        case .traces: "rejectedSpans"
        case .metrics: "rejectedDataPoints"
        case .logs: "rejectedLogRecords"
        }
    }
}
