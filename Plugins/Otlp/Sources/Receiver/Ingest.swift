import WeirJSON
import WeirSDK
import WeirTelemetry

/// From the bytes of a request to a batch in the pipelines: one scan, no copy.
///
/// Each request is answered once: now, when there was room for it, or when it is known what became
/// of it; on any thread.
struct Ingest: Sendable {
    typealias Answer = @Sendable (IngestOutcome) -> Void

    let host: Host
    /// How long a request waits for room.
    let patience: Duration
    /// Present if answers wait for what becomes of the batches.
    private let acknowledgements: Acknowledgements?
    private let complaints: SparseLog

    init(_ host: Host, patience: Duration) {
        self.host = host
        self.patience = patience
        acknowledgements = host.acknowledgements
        complaints = SparseLog(host)
    }

    /// Takes a protobuf request. `nil` is an empty one.
    func take(
        _ body: Buffer?, _ signal: Signal, from request: borrowing Request,
        _ answer: @escaping Answer
    ) {
        guard let body else { return answer(.accepted) }
        let summary: ScanSummary
        do throws(WireError) {
            summary = try scan(body.bytes, as: signal)
        } catch {
            return answer(malformed("\(error)", signal, request))
        }
        if summary.hasInvalidRecords {
            return takeValid(of: body, signal, summary, request, answer)
        }
        emit(body, signal, summary.items, answer)
    }

    /// Takes a JSON request: in the pipelines it is protobuf.
    func takeJSON(
        _ body: Buffer?, _ signal: Signal, from request: borrowing Request,
        _ answer: @escaping Answer
    ) {
        guard let body else { return answer(.accepted) }
        let bytes: [UInt8]
        do throws(JSONError) {
            bytes = try protobuf(fromJSON: body.bytes, as: signal)
        } catch {
            return answer(malformed("\(error)", signal, request))
        }
        guard !bytes.isEmpty else { return answer(.accepted) }
        let buffer: Buffer
        do throws(ComponentError) {
            buffer = try host.makeBuffer(copying: bytes)
        } catch {
            return answer(IngestOutcome(error))
        }
        take(buffer, signal, from: request, answer)
    }

    private func emit(
        _ buffer: Buffer, _ signal: Signal, _ items: Int, _ answer: @escaping Answer
    ) {
        guard items > 0 else { return answer(.accepted) }
        let acknowledgement: Acknowledgement?
        do throws(ComponentError) {
            let batch = try host.makeBatch(signal, items: items, whole: buffer)
            let watched = try acknowledgements?.watch(batch)
            acknowledgement = watched
            let emission = try host.emit(batch, waiting: patience) { error in
                if let error { return answer(IngestOutcome(error)) }
                Self.taken(watched, answer)
            }
            if emission == .waits { return }
        } catch {
            return answer(IngestOutcome(error))
        }
        Self.taken(acknowledgement, answer)
    }

    /// Answers for what everything downstream has taken.
    private static func taken(_ acknowledgement: Acknowledgement?, _ answer: @escaping Answer) {
        guard let acknowledgement else { return answer(.accepted) }
        acknowledgement.whenSettled { answer($0.map(IngestOutcome.init) ?? .accepted) }
    }

    /// Takes what is left of a request without the records that would make others refuse it.
    private func takeValid(
        of body: Buffer, _ signal: Signal, _ summary: ScanSummary, _ request: borrowing Request,
        _ answer: @escaping Answer
    ) {
        let removal: RecordRemoval
        do throws(WireError) {
            removal = try removeInvalidRecords(body.bytes, as: signal)
        } catch {
            return answer(malformed("\(error)", signal, request))
        }
        let rejected = PartialSuccess(rejected: removal.removedItems, message: removal.reason)
        let peer = request.peer
        emit(body, signal, summary.items, without: removal) { [host, complaints] outcome in
            guard outcome == .accepted, rejected.rejected > 0 else { return answer(outcome) }
            // Only now: a request that is refused as a whole comes again as a whole.
            host.drop(rejected.rejected, signal, reason: "invalid")
            complaints.warn(
                "rejected \(rejected.rejected) of \(summary.items) \(signal.itemName)s from "
                    + "\(peer): \(rejected.message)")
            answer(.partial(rejected))
        }
    }

    private func emit(
        _ body: Buffer, _ signal: Signal, _ items: Int, without removal: RecordRemoval,
        _ answer: @escaping Answer
    ) {
        if removal.rewrite.isUnchanged { return emit(body, signal, items, answer) }
        let rest = items - removal.removedItems
        guard rest > 0 else { return answer(.accepted) }
        let buffer: Buffer
        do throws(ComponentError) {
            buffer = try host.makeBuffer(removal.rewrite, of: body.bytes)
        } catch {
            return answer(IngestOutcome(error))
        }
        emit(buffer, signal, rest, answer)
    }

    private func malformed(
        _ text: String, _ signal: Signal, _ request: borrowing Request
    ) -> IngestOutcome {
        complaints.warn("refused \(signal.name) from \(request.peer): \(text)")
        return .malformed("not a valid \(signal.requestName): \(text)")
    }
}
