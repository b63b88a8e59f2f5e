import WeirSDK
import WeirTelemetry

/// What an answer of an OTLP server means for the batch, by the specification's retry rules.
struct ReplyReading: Sendable {
    /// As in the settings: for messages.
    let endpoint: String
    let signal: Signal

    func outcome(grpc reply: borrowing Reply) -> Outcome {
        if let failure = reply.failure { return notReached(failure) }
        let body = reply.body
        if reply.code == 0 { return body.isEmpty ? .delivered() : accepted(body, .proto) }
        return refused(
            grpc: GRPCStatus(rawValue: reply.code) ?? .unknown, reply.message, reply.retryAfter)
    }

    func refused(grpc code: GRPCStatus, _ text: String, _ delay: Duration?) -> Outcome {
        let message =
            "\(endpoint) answered \(code.name)" + (text.isEmpty ? "" : ": \(text)")
        guard code.isRetryable(hasRetryInfo: delay != nil) else {
            return .refused(message: message + advice(code))
        }
        return .retry(after: delay, message: message)
    }

    func outcome(http reply: borrowing Reply, sent encoding: Encoding) -> Outcome {
        if let failure = reply.failure { return notReached(failure) }
        let body = reply.body
        if reply.code >= 200, reply.code < 300 {
            if body.isEmpty { return .delivered() }
            return accepted(body, self.encoding(of: reply) ?? encoding)
        }
        let text =
            self.encoding(of: reply).flatMap { StatusMessage.message(in: body, $0) }
            ?? printable(body)
        return refused(http: reply.code, text, reply.retryAfter)
    }

    func refused(http code: UInt32, _ text: String, _ delay: Duration?) -> Outcome {
        let message = "\(endpoint) answered \(code)" + (text.isEmpty ? "" : ": \(text)")
        switch code {
        case 429, 502, 503, 504: return .retry(after: delay, message: message)
        case 404:
            return .refused(
                message: message + ": check that the URL is the one for \(signal.name)")
        case 401, 403:
            return .refused(message: message + ": check `headers`, `auth` and `tls`")
        case 413:
            return .refused(message: message + ": send smaller batches")
        default: return .refused(message: message)
        }
    }

    private func encoding(of reply: borrowing Reply) -> Encoding? {
        Encoding(contentType: reply.contentType)
    }

    private func accepted(_ body: RawSpan, _ encoding: Encoding) -> Outcome {
        let partial = PartialSuccess(response: body, encoding, signal)
        if partial.rejected > 0 {
            return .delivered(
                rejected: partial.rejected,
                message: "\(endpoint) rejected \(partial.rejected) \(signal.itemName)s: "
                    + (partial.message.isEmpty ? "it did not say why" : partial.message))
        }
        guard !partial.message.isEmpty else { return .delivered() }
        return .delivered(message: "\(endpoint) took all, with a warning: \(partial.message)")
    }

    /// No answer came. Whatever it was may pass, but for a request that the host could not make.
    func notReached(_ failure: ComponentError) -> Outcome {
        switch failure.kind {
        case .retry(let delay):
            // A file of credentials or certificates: the message says which, and why.
            if failure.message.contains(" cannot be read: ") {
                return .retry(
                    after: delay, message: "cannot send to \(endpoint): \(failure.message)")
            }
            return .retry(
                after: delay,
                message: "\(failure.message): check `endpoint` (\(endpoint)) and `tls`")
        case .timeout:
            return .retry(
                message: "no answer from \(endpoint) in time: \(failure.message): "
                    + "if it is only slow, raise `timeout`")
        case .cancelled:
            return .retry(message: "the request to \(endpoint) was cancelled: \(failure.message)")
        case .refused, .unsupported, .invalid:
            return .refused(message: "cannot send to \(endpoint): \(failure.message)")
        }
    }

    private func advice(_ code: GRPCStatus) -> String {
        switch code {
        case .unimplemented:
            ": it has no OTLP/gRPC service for \(signal.name) (is it an OTLP/HTTP port?)"
        case .unauthenticated, .permissionDenied: ": check `headers`, `auth` and `tls`"
        case .resourceExhausted: ": send smaller batches or raise the server's limit"
        default: ""
        }
    }

    /// The beginning of a body that is text; nothing of one that is not.
    private func printable(_ body: RawSpan) -> String {
        let text = body.text(limit: 200)
        let isText = text.unicodeScalars.allSatisfy {
            $0 != "\u{fffd}" && ($0.value >= 0x20 || $0 == "\n" || $0 == "\t" || $0 == "\r")
        }
        return isText ? text : ""
    }
}

extension Reply {
    /// The host is stopping, so nothing is wrong with the other side.
    var wasCancelled: Bool { failure?.kind == .cancelled }
}
