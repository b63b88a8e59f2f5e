package import WeirJSON

/// Settings that belong to the host and that plugins refer to with `{"$ref": "weir:NAME"}`: names
/// and defaults are the Collector's.
package enum Fragments {
    package static let all: [String: JSONValue] = [
        "tls_server": parse(tlsServer),
        "tls_client": parse(tlsClient),
        "grpc_server": parse(grpcServer),
        "http_server": parse(httpServer),
        "grpc_client": parse(grpcClient),
        "http_client": parse(httpClient),
        "stream_client": parse(streamClient),
        "request_limits": parse(requestLimits),
        "sending_queue": parse(sendingQueue),
        "dead_letter": parse(deadLetter),
        "retry_on_failure": parse(retryOnFailure),
    ]

    private static func parse(_ text: String) -> JSONValue {
        do {
            return try JSONValue(parsing: text)
        } catch {
            preconditionFailure("a fragment is not JSON: \(error)")
        }
    }
}
