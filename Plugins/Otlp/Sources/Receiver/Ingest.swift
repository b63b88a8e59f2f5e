import WeirJSON
import WeirSDK
import WeirTelemetry

/// From the bytes of a request to a batch in the pipelines: one scan, no copy.
struct Ingest: Sendable {
    let host: Host
    let room: WaitingRoom
    /// Present if answers wait for what becomes of the batches.
    private let acknowledgements: Acknowledgements?
    private let complaints: SparseLog

    init(_ host: Host, room: WaitingRoom) {
        self.host = host
        self.room = room
        acknowledgements = host.acknowledgements
        complaints = SparseLog(host)
    }

    /// Takes a protobuf request. `nil` is an empty one.
    func take(_ body: Buffer?, _ signal: Signal, from request: borrowing Request) -> IngestOutcome {
        guard let body else { return .accepted }
        let summary: ScanSummary
        do throws(WireError) {
            summary = try scan(body.bytes, as: signal)
        } catch {
            return malformed("\(error)", signal, request)
        }
        if summary.hasInvalidRecords { return takeValid(of: body, signal, summary, request) }
        return emit(body, signal, summary.items)
    }

    /// Takes a JSON request: in the pipelines it is protobuf.
    func takeJSON(
        _ body: Buffer?, _ signal: Signal, from request: borrowing Request
    ) -> IngestOutcome {
        guard let body else { return .accepted }
        let bytes: [UInt8]
        do throws(JSONError) {
            bytes = try protobuf(fromJSON: body.bytes, as: signal)
        } catch {
            return malformed("\(error)", signal, request)
        }
        guard !bytes.isEmpty else { return .accepted }
        do throws(ComponentError) {
            return take(try host.makeBuffer(copying: bytes), signal, from: request)
        } catch {
            return IngestOutcome(error)
        }
    }

    private func emit(_ buffer: Buffer, _ signal: Signal, _ items: Int) -> IngestOutcome {
        guard items > 0 else { return .accepted }
        do throws(ComponentError) {
            return emit(try host.makeBatch(signal, items: items, whole: buffer))
        } catch {
            return IngestOutcome(error)
        }
    }

    private func emit(_ batch: Batch) -> IngestOutcome {
        var acknowledgement: Acknowledgement?
        do throws(ComponentError) {
            acknowledgement = try acknowledgements?.watch(batch)
            // Nobody overtakes those who wait.
            if room.isOccupied(batch.signal) {
                return .full(
                    .init(
                        batch: batch, acknowledgement: acknowledgement,
                        text: "other requests are waiting for room: retry later",
                        delay: IngestOutcome.defaultDelay))
            }
            try host.emit(batch)
            return IngestOutcome(taken: acknowledgement)
        } catch {
            guard case .retry(let delay) = error.kind else { return IngestOutcome(error) }
            return .full(
                .init(
                    batch: batch, acknowledgement: acknowledgement, text: error.message,
                    delay: delay ?? IngestOutcome.defaultDelay))
        }
    }

    /// Takes what is left of a request without the records that would make others refuse it.
    private func takeValid(
        of body: Buffer, _ signal: Signal, _ summary: ScanSummary, _ request: borrowing Request
    ) -> IngestOutcome {
        let rejected: PartialSuccess
        let left: IngestOutcome
        do throws(WireError) {
            let removal = try removeInvalidRecords(body.bytes, as: signal)
            rejected = PartialSuccess(rejected: removal.removedItems, message: removal.reason)
            let outcome = try emit(body, signal, summary.items, without: removal)
            // It does not wait: what was left out of it would have to be told afterwards.
            guard outcome.isTaken else { return outcome.withoutWaiting }
            guard rejected.rejected > 0 else { return outcome }
            left = outcome.with(rejected)
        } catch {
            return malformed("\(error)", signal, request)
        }
        // Only now: a request that is refused as a whole comes again as a whole.
        host.drop(rejected.rejected, signal, reason: "invalid")
        complaints.warn(
            "rejected \(rejected.rejected) of \(summary.items) \(signal.itemName)s from "
                + "\(request.peer): \(rejected.message)")
        return left
    }

    private func emit(
        _ body: Buffer, _ signal: Signal, _ items: Int, without removal: RecordRemoval
    ) throws(WireError) -> IngestOutcome {
        if removal.rewrite.isUnchanged { return emit(body, signal, items) }
        let rest = items - removal.removedItems
        guard rest > 0 else { return .accepted }
        do throws(ComponentError) {
            return emit(try host.makeBuffer(removal.rewrite, of: body.bytes), signal, rest)
        } catch {
            return IngestOutcome(error)
        }
    }

    private func malformed(
        _ text: String, _ signal: Signal, _ request: borrowing Request
    ) -> IngestOutcome {
        complaints.warn("refused \(signal.name) from \(request.peer): \(text)")
        return .malformed("not a valid \(signal.requestName): \(text)")
    }
}
