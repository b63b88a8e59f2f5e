import WeirSDK
import WeirTelemetry

/// What became of the telemetry of one request.
enum IngestOutcome: Sendable, Equatable {
    /// All of it was taken, or there was none.
    case accepted
    /// The rest was taken; these items will never be.
    case partial(PartialSuccess)
    /// The bytes are no OTLP.
    case malformed(String)
    /// Not now.
    case unavailable(String, after: Duration)
    /// Never, and not because of what the bytes are.
    case refused(String)
    /// No pipeline carries this signal from this receiver.
    case noPipeline(String)

    /// What a client is told to wait when nobody downstream knows better.
    static let defaultDelay = Duration.seconds(1)

    /// What a call to the host that failed means for the client.
    init(_ error: ComponentError) {
        switch error.kind {
        case .retry(let delay):
            self = .unavailable(error.message, after: delay ?? IngestOutcome.defaultDelay)
        case .cancelled, .timeout:
            self = .unavailable(error.message, after: IngestOutcome.defaultDelay)
        case .unsupported: self = .noPipeline(error.message)
        case .refused, .invalid: self = .refused(error.message)
        }
    }
}

extension Response {
    /// The answer over gRPC. Permanent errors that say nothing else are INTERNAL, as the
    /// Collector has it.
    init(grpc outcome: IngestOutcome, _ signal: Signal) {
        switch outcome {
        case .accepted: self = .grpc(.ok)
        case .partial(let partial): self = .grpc(.ok, body: partial.encoded(.proto, signal))
        case .malformed(let text): self = .grpc(.invalidArgument, message: text)
        case .unavailable(let text, let delay):
            self = .grpc(.unavailable, message: text, retryAfter: delay)
        case .refused(let text): self = .grpc(.internal, message: text)
        case .noPipeline(let text): self = .grpc(.unimplemented, message: text)
        }
    }

    /// The answer over HTTP; a body that is no success is a `google.rpc.Status`.
    init(http outcome: IngestOutcome, _ signal: Signal, _ encoding: Encoding) {
        switch outcome {
        case .accepted: self = .success(encoding)
        case .partial(let partial):
            self = .success(encoding)
            body = partial.encoded(encoding, signal)
        case .malformed(let text): self = .failure(400, .invalidArgument, text, encoding)
        case .unavailable(let text, let delay):
            self = .failure(503, .unavailable, text, encoding)
            retryAfter = delay
        case .refused(let text): self = .failure(500, .internal, text, encoding)
        case .noPipeline(let text): self = .failure(404, .unimplemented, text, encoding)
        }
    }

    private static let protoSuccess = Response(
        code: 200, contentType: Encoding.proto.contentType)
    private static let jsonSuccess = Response(
        code: 200, contentType: Encoding.json.contentType, body: Array("{}".utf8))

    private static func success(_ encoding: Encoding) -> Response {
        switch encoding {
        case .proto: protoSuccess
        case .json: jsonSuccess
        }
    }

    /// An error in the encoding of the request; in plain text for those who speak neither.
    static func failure(
        _ code: UInt32, _ status: GRPCStatus, _ text: String, _ encoding: Encoding?,
        headers: [Header] = []
    ) -> Response {
        guard let encoding else {
            return Response(
                code: code, contentType: "text/plain; charset=utf-8", body: Array(text.utf8),
                headers: headers)
        }
        let body = StatusMessage(code: Int(status.rawValue), message: text).encoded(encoding)
        return Response(
            code: code, contentType: encoding.contentType, body: body, headers: headers)
    }
}
