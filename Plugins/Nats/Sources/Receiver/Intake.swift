import WeirSDK
import WeirTelemetry

/// From a message to a batch in the pipelines, and back to what JetStream is told of it.
final class Intake: Sendable {
    /// A message on its way into the pipelines.
    struct Arrival: Sendable {
        let message: Message
        let reply: String
        fileprivate var batch: Batch?
        fileprivate var acknowledgement: Acknowledgement?
        /// Items that were left out of the batch.
        fileprivate var leftOut = 0

        init(_ message: Message, reply: String) {
            self.message = message
            self.reply = reply
        }
    }

    private let host: Host
    private let settlements: Settlements
    private let acknowledgements: Acknowledgements?
    private let complaints: SparseLog

    init(_ host: Host, _ settlements: Settlements) {
        self.host = host
        self.settlements = settlements
        acknowledgements = host.acknowledgements
        complaints = SparseLog(host)
    }

    /// Hands a message on.
    ///
    /// - Returns: when to try again with the same arrival, because there is no room; `nil`: done.
    func take(_ arrival: inout Arrival) -> Duration? {
        do throws(ComponentError) {
            if let fault = arrival.message.fault { throw .refused(fault) }
            let signal = try signal(of: arrival.message)
            if arrival.batch == nil {
                guard let batch = try batch(&arrival, signal) else {
                    settlements.settle(arrival.reply, .taken)
                    return nil
                }
                arrival.batch = batch
                arrival.acknowledgement = try acknowledgements?.watch(batch)
            }
            if let batch = arrival.batch { try emit(batch, arrival, signal) }
            return nil
        } catch {
            switch error.kind {
            case .retry(let delay): return delay ?? .milliseconds(5)
            case .timeout: return .milliseconds(5)
            case .cancelled: settlements.forget(arrival.reply)
            case .refused, .unsupported, .invalid:
                // Again and again it would come, and never be taken.
                settlements.settle(arrival.reply, .never)
                complaints.warn(
                    "a message on \(arrival.message.subject) is given up: \(error.message)")
            }
            return nil
        }
    }

    private func emit(
        _ batch: Batch, _ arrival: Arrival, _ signal: Signal
    ) throws(ComponentError) {
        do throws(ComponentError) { try host.emit(batch) } catch {
            switch error.kind {
            case .refused, .unsupported, .invalid:
                host.drop(batch.items, signal, reason: "refused")
            case .retry, .timeout, .cancelled: break
            }
            throw error
        }
        host.drop(arrival.leftOut, signal, reason: "invalid")
        let reply = arrival.reply
        guard let acknowledgement = arrival.acknowledgement else {
            return settlements.settle(reply, .taken)
        }
        acknowledgement.whenSettled { [settlements, complaints] error in
            guard let error else { return settlements.settle(reply, .taken) }
            switch error.kind {
            case .retry(let delay):
                settlements.settle(reply, .again(after: delay ?? Verdict.defaultDelay))
            case .timeout: settlements.settle(reply, .again(after: Verdict.defaultDelay))
            // The process ends: who comes next gets it.
            case .cancelled: settlements.settle(reply, .again(after: .zero))
            case .refused, .unsupported, .invalid:
                // Whoever refused it has counted it.
                settlements.settle(reply, .never)
                complaints.warn("a message is given up: \(error.message)")
            }
        }
    }

    /// By the header, or else by the last word of the subject.
    private func signal(of message: Message) throws(ComponentError) -> Signal {
        let last = message.subject.split(separator: ".").last.map(String.init) ?? ""
        let name = message.headers["Weir-Signal"] ?? last
        guard let signal = Signal.allCases.first(where: { $0.name == name.lowercased() }) else {
            throw .refused(
                "neither the header Weir-Signal nor the end of the subject is traces, metrics or logs"
            )
        }
        return signal
    }

    /// `nil`: there is nothing in it.
    private func batch(
        _ arrival: inout Arrival, _ signal: Signal
    ) throws(ComponentError) -> Batch? {
        let checked = try host.checkMessage(
            arrival.message.payload, as: signal, isJSON: isJSON(arrival.message))
        switch checked {
        case .malformed(let text): throw malformed(text, signal)
        case .empty(let leftOut, let reason):
            warn(leftOut, of: leftOut, arrival, signal, reason)
            host.drop(leftOut, signal, reason: "invalid")
            return nil
        case .request(let request):
            warn(
                request.leftOut, of: request.leftOut + request.items, arrival, signal,
                request.reason)
            arrival.leftOut = request.leftOut
            return try host.makeBatch(request)
        }
    }

    private func warn(
        _ leftOut: Int, of items: Int, _ arrival: Arrival, _ signal: Signal, _ reason: String
    ) {
        guard leftOut > 0 else { return }
        complaints.warn(
            "left out \(leftOut) of \(items) \(signal.itemName)s on "
                + "\(arrival.message.subject): \(reason)")
    }

    private func isJSON(_ message: Message) -> Bool {
        message.headers["Content-Type"]?.lowercased().hasPrefix("application/json") ?? false
    }

    private func malformed(_ text: String, _ signal: Signal) -> ComponentError {
        // How many items it would have been, nobody knows.
        host.drop(1, signal, reason: "malformed")
        return .refused("it is not a valid \(signal.requestName): \(text)")
    }
}
