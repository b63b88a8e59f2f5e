import WeirSDK
import WeirTelemetry

/// From a batch to a message.
struct Envelope: Sendable {
    let settings: NatsSinkSettings

    /// The payload.
    func payload(of batch: Batch) throws(ComponentError) -> [UInt8] {
        let bytes = batch.copyBytes()
        guard settings.encoding == .json else { return bytes }
        do throws(WireError) {
            // In protobuf the parts concatenated are their merge; in JSON they are not.
            return try unsafe json(bytes.span.bytes, as: batch.signal)
        } catch {
            throw .refused("the batch cannot be written as JSON: \(error)")
        }
    }

    /// The headers as they stand before the payload.
    func headers(_ signal: Signal, id: String?) -> [UInt8] {
        var fields = [
            Header("Weir-Signal", signal.name),
            Header("Content-Type", settings.encoding.contentType),
        ]
        if let id { fields.append(Header("Nats-Msg-Id", id)) }
        // Otherwise a message could end up in a stream that nobody thought of.
        if let stream = settings.stream { fields.append(Header("Nats-Expected-Stream", stream)) }
        return MessageHeaders(fields).bytes
    }

    static func digest(_ payload: [UInt8], _ signal: Signal, _ hash: Hash) -> String {
        let digest = unsafe hash.sha256(payload.span.bytes)
        let digits = Array("0123456789abcdef")
        // 128 bits are as good as unique.
        return "\(signal.name)-"
            + String(digest.prefix(16).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
