import WeirSDK
import WeirTelemetry

/// OTLP/HTTP: POST to one of three paths, in protobuf or JSON.
struct HTTPHandler: Sendable {
    let ingest: Ingest
    let paths: HTTPPaths
    private let post = Array("POST".utf8)

    init(ingest: Ingest, paths: HTTPPaths) {
        self.ingest = ingest
        self.paths = paths
    }

    func answer(_ exchange: Exchange, _ request: borrowing Request) {
        guard let encoding = Encoding(contentType: request.contentTypeBytes),
            let signal = paths.signal(at: request.pathBytes), request.methodBytes.equals(post)
        else { return exchange.respond(refusal(request)) }
        let answer: Ingest.Answer = { exchange.respond(Response(http: $0, signal, encoding)) }
        switch encoding {
        case .proto: ingest.take(request.body, signal, from: request, answer)
        case .json: ingest.takeJSON(request.body, signal, from: request, answer)
        }
    }

    /// What is wrong with a request that is not OTLP/HTTP at all.
    private func refusal(_ request: borrowing Request) -> Response {
        let encoding = Encoding(contentType: request.contentTypeBytes)
        guard paths.signal(at: request.pathBytes) != nil else {
            return .failure(404, .notFound, paths.advice(for: request.pathBytes), encoding)
        }
        guard request.methodBytes.equals(post) else {
            return .failure(
                405, .unimplemented,
                "found \(request.methodBytes.text(limit: 20)), expected POST with OTLP in the body",
                encoding, headers: [Header("allow", "POST")])
        }
        let found = request.contentTypeBytes
        return .failure(
            415, .invalidArgument,
            "found content-type "
                + (found.isEmpty ? "missing" : "\"\(found.text(limit: 80))\"")
                + ", expected application/x-protobuf or application/json", nil)
    }
}
