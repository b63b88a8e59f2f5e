import WeirJSON
public import WeirTelemetry

/// A request that was checked and lies in the host's memory, of which batches can be made.
public struct CheckedRequest: Sendable {
    public let signal: Signal
    public let buffer: Buffer
    /// Spans, data points or log records in it: at least one.
    public let items: Int
    /// Those that are not in it any more, because receivers downstream would refuse them all for it.
    public let leftOut: Int
    /// What was wrong with the first of those; empty if there are none.
    public let reason: String
}

/// What a message that should hold a request turns out to hold.
public enum CheckedMessage: Sendable {
    case request(CheckedRequest)
    /// No item; `leftOut` of them had to go, for this reason.
    case empty(leftOut: Int, reason: String)
    /// It is no OTLP: what was found where.
    case malformed(String)
}

extension Host {
    /// Makes a request of a message's bytes: one scan and one copy into the host's memory, without
    /// the records that are invalid (``removeInvalidRecords(_:as:limits:)``). [any thread]
    ///
    /// - Parameter isJSON: OTLP/JSON, rather than protobuf.
    /// - Throws: `retry` if the host has no memory for it now.
    public func checkMessage(
        _ message: [UInt8], as signal: Signal, isJSON: Bool = false
    ) throws(ComponentError) -> CheckedMessage {
        guard isJSON, !message.isEmpty else { return try checkProtobuf(message, as: signal) }
        let bytes: [UInt8]
        do throws(JSONError) {
            bytes = try protobuf(fromJSON: message, as: signal)
        } catch {
            return .malformed("\(error)")
        }
        return try checkProtobuf(bytes, as: signal)
    }

    private func checkProtobuf(
        _ bytes: [UInt8], as signal: Signal
    ) throws(ComponentError) -> CheckedMessage {
        let items: Int
        var removal: RecordRemoval?
        do throws(WireError) {
            let summary = try scan(bytes, as: signal)
            if summary.hasInvalidRecords {
                removal = try unsafe removeInvalidRecords(bytes.span.bytes, as: signal)
            }
            items = summary.items - (removal?.removedItems ?? 0)
        } catch {
            return .malformed("\(error)")
        }
        guard items > 0 else {
            return .empty(leftOut: removal?.removedItems ?? 0, reason: removal?.reason ?? "")
        }
        let buffer: Buffer
        if let removal, !removal.rewrite.isUnchanged {
            buffer = try unsafe makeBuffer(removal.rewrite, of: bytes.span.bytes)
        } else {
            buffer = try makeBuffer(copying: bytes)
        }
        return .request(
            CheckedRequest(
                signal: signal, buffer: buffer, items: items,
                leftOut: removal?.removedItems ?? 0, reason: removal?.reason ?? ""))
    }

    /// A batch of all that is in it.
    public func makeBatch(_ request: CheckedRequest) throws(ComponentError) -> Batch {
        try makeBatch(request.signal, items: request.items, whole: request.buffer)
    }
}
