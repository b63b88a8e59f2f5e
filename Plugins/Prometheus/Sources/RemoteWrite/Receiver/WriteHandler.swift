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

    /// What to answer, or what to wait for before that.
    private enum Answer {
        case now(Response)
        case later(Response, Acknowledgement)
    }

    init(_ host: Host, path: [UInt8]) {
        self.host = host
        acknowledgements = host.acknowledgements
        self.path = path
        complaints = SparseLog(host)
    }

    func answer(_ exchange: Exchange, _ request: borrowing Request) {
        switch answer(request) {
        case .now(let response): exchange.respond(response)
        case .later(let response, let acknowledgement):
            acknowledgement.whenSettled { error in
                exchange.respond(error.map(Self.refusal) ?? response)
            }
        }
    }

    private func answer(_ request: borrowing Request) -> Answer {
        guard request.path.utf8.elementsEqual(path) else {
            return .now(
                .text(
                    404,
                    "there is no \"\(request.path.prefix(80))\" here, only "
                        + "\(String(decoding: path, as: UTF8.self)): write it after the endpoint, or "
                        + "set `path` of the receiver"))
        }
        guard request.method == "POST" else {
            return .now(
                .text(
                    405,
                    "found \(request.method.prefix(20)), expected POST with a remote write request",
                    headers: [Header("allow", "POST")]))
        }
        // Some senders of 1.0 say nothing, and Prometheus understands them.
        let type = request.contentType
        guard let message = type.isEmpty ? .v1 : RemoteWriteMessage(contentType: type) else {
            let accepted = RemoteWriteMessage.allCases.map(\.contentType).joined(separator: " or ")
            return .now(
                .text(
                    415, "found content-type \"\(type.prefix(120))\", expected \(accepted)",
                    headers: [Header("accept", accepted)]))
        }
        return take(request, message)
    }

    private func take(_ request: borrowing Request, _ message: RemoteWriteMessage) -> Answer {
        guard let body = request.body else {
            return .now(.written(ReceivedWrite(), message))
        }
        let received: ReceivedWrite
        do throws(RemoteWriteError) {
            received = try receiveRemoteWrite(body.bytes, as: message, families: families)
        } catch {
            complaints.warn("refused remote write from \(request.peer): \(error)")
            return .now(.text(400, "not a valid \(message.rawValue): \(error)"))
        }
        var acknowledgement: Acknowledgement?
        do throws(ComponentError) {
            if received.items > 0 {
                let buffer = try host.makeBuffer(copying: received.request)
                let batch = try host.makeBatch(.metrics, items: received.items, whole: buffer)
                acknowledgement = try acknowledgements?.watch(batch)
                try host.emit(batch)
            }
        } catch {
            return .now(Self.refusal(error))
        }
        if received.lostExemplars > 0 {
            host.log(
                .debug,
                "\(received.lostExemplars) exemplars left out: no sample of their series is in the "
                    + "request, or their labels have more than 128 characters")
        }
        func answer(_ response: Response) -> Answer {
            acknowledgement.map { .later(response, $0) } ?? .now(response)
        }
        guard received.rejected > 0 else { return answer(.written(received, message)) }
        // Only now: a request that is refused as a whole comes again as a whole.
        host.drop(received.rejected, .metrics, reason: "invalid")
        let complaint = received.complaint ?? ""
        complaints.warn(
            "rejected \(received.rejected) samples from \(request.peer): \(complaint)")
        var response = Response.text(
            400,
            "\(received.rejected) samples were not taken, the other "
                + "\(received.samples + received.histograms) were: \(complaint)")
        response.headers = Response.written(received, message).headers
        return answer(response)
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
