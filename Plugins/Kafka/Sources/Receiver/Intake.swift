import WeirJSON
import WeirSDK
import WeirTelemetry

/// From the bytes of a message to a request of which a batch can be made.
struct Intake: Sendable {
    /// A checked request in the host's memory, of which batches are made.
    struct Parcel {
        let buffer: Buffer
        let signal: Signal
        let items: Int
    }

    /// What came of a message.
    enum Content {
        /// A request, and the items that had to be left out of it, with the reason.
        case parcel(Parcel, leftOut: Int, reason: String)
        /// There is nothing in it.
        case empty
        /// It is no OTLP.
        case malformed(String)
    }

    let host: Host

    /// Throws `retry` if the host has no memory for it now.
    func read(
        _ message: [UInt8], _ signal: Signal, _ encoding: MessageEncoding
    ) throws(ComponentError) -> Content {
        guard encoding == .json else { return try read(message, signal) }
        guard !message.isEmpty else { return .empty }
        let bytes: [UInt8]
        do throws(JSONError) {
            bytes = try unsafe protobuf(fromJSON: message.span.bytes, as: signal)
        } catch {
            return .malformed("\(error)")
        }
        return try read(bytes, signal)
    }

    private func read(
        _ bytes: [UInt8], _ signal: Signal
    ) throws(ComponentError) -> Content {
        let summary: ScanSummary
        var removal: RecordRemoval?
        do throws(WireError) {
            summary = try scan(bytes, as: signal)
            if summary.hasInvalidRecords {
                removal = try unsafe removeInvalidRecords(bytes.span.bytes, as: signal)
            }
        } catch {
            return .malformed("\(error)")
        }
        let leftOut = removal?.removedItems ?? 0
        let items = summary.items - leftOut
        if items == 0, leftOut == 0 { return .empty }
        if items == 0 { return .malformed(removal?.reason ?? "") }
        let buffer: Buffer
        if let removal, !removal.rewrite.isUnchanged {
            buffer = try unsafe host.makeBuffer(removal.rewrite, of: bytes.span.bytes)
        } else {
            buffer = try host.makeBuffer(copying: bytes)
        }
        return .parcel(
            Parcel(buffer: buffer, signal: signal, items: items), leftOut: leftOut,
            reason: removal?.reason ?? "")
    }
}
