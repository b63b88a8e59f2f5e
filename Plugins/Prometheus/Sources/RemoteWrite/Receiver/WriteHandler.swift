import WeirPrometheus
import WeirSDK
import WeirTelemetry

/// Answers the requests of senders.
struct WriteHandler: Sendable {
    private let host: Host
    private let path: [UInt8]
    private let families = FamilyMemory()
    private let complaints: SparseLog
    /// Present if answers wait for what becomes of the batches.
    private let acknowledgements: Acknowledgements?

    init(_ host: Host, path: [UInt8]) {
        self.host = host
        acknowledgements = host.acknowledgements
        self.path = path
        complaints = SparseLog(host)
    }

    /// Answers once: now, when there was room, or when it is known what became of it.
    func answer(_ exchange: Exchange, _ request: borrowing Request) {
        guard request.path.utf8.elementsEqual(path) else {
            return exchange.respond(
                .text(
                    404,
                    "there is no \"\(request.path.prefix(80))\" here, only "
                        + "\(String(decoding: path, as: UTF8.self)): write it after the endpoint, or "
                        + "set `path` of the receiver"))
        }
        guard request.method == "POST" else {
            return exchange.respond(
                .text(
                    405,
                    "found \(request.method.prefix(20)), expected POST with a remote write request",
                    headers: [Header("allow", "POST")]))
        }
        // Some senders of 1.0 say nothing, and Prometheus understands them.
        let type = request.contentType
        guard let message = type.isEmpty ? .v1 : RemoteWriteMessage(contentType: type) else {
            let accepted = RemoteWriteMessage.allCases.map(\.contentType).joined(separator: " or ")
            return exchange.respond(
                .text(
                    415, "found content-type \"\(type.prefix(120))\", expected \(accepted)",
                    headers: [Header("accept", accepted)]))
        }
        take(request, message) { exchange.respond($0) }
    }

    private func take(
        _ request: borrowing Request, _ message: RemoteWriteMessage,
        _ respond: @escaping @Sendable (Response) -> Void
    ) {
        guard let body = request.body else { return respond(.written(ReceivedWrite(), message)) }
        let received: ReceivedWrite
        do throws(RemoteWriteError) {
            received = try receiveRemoteWrite(body.bytes, as: message, families: families)
        } catch {
            complaints.warn("refused remote write from \(request.peer): \(error)")
            return respond(.text(400, "not a valid \(message.rawValue): \(error)"))
        }
        let peer = received.rejected > 0 ? request.peer : ""
        var counts = received
        counts.request = []
        emit(received) { [counts] error in
            respond(error.map(Self.refusal) ?? taken(counts, message, peer))
        }
    }

    /// Says `nil` once everything downstream has taken it, and delivered it if that is asked for.
    private func emit(
        _ received: ReceivedWrite, _ told: @escaping @Sendable (ComponentError?) -> Void
    ) {
        guard received.items > 0 else { return told(nil) }
        let acknowledgement: Acknowledgement?
        do throws(ComponentError) {
            let buffer = try host.makeBuffer(copying: received.request)
            let batch = try host.makeBatch(.metrics, items: received.items, whole: buffer)
            let watched = try acknowledgements?.watch(batch)
            acknowledgement = watched
            // Senders come again by themselves: it waits only where a sink is to block.
            let emission = try host.emit(batch, waiting: .zero) { error in
                if let watched, error == nil { watched.whenSettled(told) } else { told(error) }
            }
            if emission == .waits { return }
        } catch {
            return told(error)
        }
        if let acknowledgement { acknowledgement.whenSettled(told) } else { told(nil) }
    }

    /// The answer for what was taken. Only now does what was left out of it count: a request that is
    /// refused as a whole comes again as a whole.
    private func taken(
        _ received: ReceivedWrite, _ message: RemoteWriteMessage, _ peer: String
    ) -> Response {
        if received.lostExemplars > 0 {
            host.log(
                .debug,
                "\(received.lostExemplars) exemplars left out: no sample of their series is in the "
                    + "request, or their labels have more than 128 characters")
        }
        guard received.rejected > 0 else { return .written(received, message) }
        host.drop(received.rejected, .metrics, reason: "invalid")
        let complaint = received.complaint ?? ""
        complaints.warn("rejected \(received.rejected) samples from \(peer): \(complaint)")
        var response = Response.text(
            400,
            "\(received.rejected) samples were not taken, the other "
                + "\(received.samples + received.histograms) were: \(complaint)")
        response.headers = Response.written(received, message).headers
        return response
    }

    /// What a call to the host that failed means for the sender. What may pass is 503, which every
    /// sender tries again; 429 they do only if told to.
    private static func refusal(_ error: ComponentError) -> Response {
        switch error.kind {
        case .retry(let delay):
            var response = Response.text(503, error.message)
            response.retryAfter = delay ?? .seconds(1)
            return response
        case .cancelled, .timeout:
            var response = Response.text(503, error.message)
            response.retryAfter = .seconds(1)
            return response
        case .unsupported: return .text(404, error.message)
        case .refused, .invalid: return .text(400, error.message)
        }
    }
}

extension Response {
    static func text(_ code: UInt32, _ text: String, headers: [Header] = []) -> Response {
        Response(
            code: code, contentType: "text/plain; charset=utf-8", body: Array((text + "\n").utf8),
            headers: headers)
    }

    /// What was taken, by the headers of 2.0.
    static func written(_ received: ReceivedWrite, _ message: RemoteWriteMessage) -> Response {
        var response = Response(code: 204)
        guard message == .v2 else { return response }
        for (name, count) in [
            (WrittenHeader.samples, received.samples),
            (WrittenHeader.histograms, received.histograms),
            (WrittenHeader.exemplars, received.exemplars),
        ] {
            response.headers.append(Header(name, "\(count)"))
        }
        return response
    }
}

/// The headers in which a receiver of 2.0 says what it has taken.
enum WrittenHeader {
    static let samples = "x-prometheus-remote-write-samples-written"
    static let histograms = "x-prometheus-remote-write-histograms-written"
    static let exemplars = "x-prometheus-remote-write-exemplars-written"
}
