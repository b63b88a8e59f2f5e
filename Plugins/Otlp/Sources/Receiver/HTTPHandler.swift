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

    func answer(_ request: borrowing Request) -> Response {
        let encoding = Encoding(contentType: request.contentTypeBytes)
        guard let signal = paths.signal(at: request.pathBytes) else {
            return .failure(404, .notFound, paths.advice(for: request.pathBytes), encoding)
        }
        guard request.methodBytes.equals(post) else {
            return .failure(
                405, .unimplemented,
                "found \(request.methodBytes.text(limit: 20)), expected POST with OTLP in the body",
                encoding, headers: [Header("allow", "POST")])
        }
        switch encoding {
        case .proto:
            let outcome = ingest.take(request.body, signal, from: request)
            return Response(http: outcome, signal, .proto)
        case .json:
            let outcome = ingest.takeJSON(request.body, signal, from: request)
            return Response(http: outcome, signal, .json)
        case nil:
            let found = request.contentTypeBytes
            return .failure(
                415, .invalidArgument,
                "found content-type "
                    + (found.isEmpty ? "missing" : "\"\(found.text(limit: 80))\"")
                    + ", expected application/x-protobuf or application/json", nil)
        }
    }
}
