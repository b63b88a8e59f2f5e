package import NIOCore

/// One request; its body is sent in parts as they are.
package struct ClientRequest: Sendable {
    package var method: String
    /// Comes after the endpoint's own path; for gRPC `/package.Service/Method`.
    package var path: String
    package var contentType: String
    /// Besides those of the client's options; names in lower case.
    package var headers: [(name: String, value: String)]
    package var parts: [ByteBuffer]
    /// Instead of the client's own.
    package var timeout: TimeAmount?
    /// Instead of the client's own; `identity` leaves the body alone.
    package var compression: ContentEncoding?
    /// The parts are compressed already, with this encoding.
    package var precompressed: ContentEncoding?
    /// The largest body of the answer, unpacked, instead of the client's own limit; with `onChunk`
    /// there is none unless it is said here.
    package var maxBody: Int?
    /// Whether to ask for a compressed answer.
    package var acceptsCompressed = false
    /// HTTP/1.1: gets the body of an answer with a 2xx code as it comes, unpacked, on the event loop
    /// of the call and never after the completion; the response's body is then empty. A body that
    /// comes compressed is handed over whole, at its end.
    package var onChunk: (@Sendable (ByteBuffer) -> Void)?

    /// It only asks: sending it twice does no harm, and an answer that cannot be read is none.
    var isSafe: Bool { method == "GET" || method == "HEAD" }

    package init(
        method: String = "POST", path: String, contentType: String = "application/x-protobuf",
        headers: [(name: String, value: String)] = [], parts: [ByteBuffer],
        timeout: TimeAmount? = nil
    ) {
        self.method = method
        self.path = path
        self.contentType = contentType
        self.headers = headers
        self.parts = parts
        self.timeout = timeout
    }
}

/// One whole answer.
package struct ClientResponse: Sendable {
    package var status: Int
    package var headers: MessageHeaders
    /// The body; for gRPC the message without its prefix, unpacked.
    package var body: ByteBuffer
    /// Of a gRPC call.
    package var grpc: GRPCStatus?
    /// What the body had on the wire.
    package var wireBytes = 0

    package init(status: Int, headers: MessageHeaders, body: ByteBuffer) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// `Retry-After`, or gRPC's `RetryInfo`.
    package var retryDelay: TimeAmount? {
        if let grpc { return grpc.retryDelay }
        guard let text = headers.first("retry-after") else { return nil }
        // A date is meant by the server's clock, which its own `Date` tells.
        let seconds =
            Int64(text)
            ?? HTTPDate(text).flatMap { until in
                headers.first("date").flatMap(HTTPDate.init).map { until.seconds - $0.seconds }
            }
        return seconds.map { .seconds(min(max(0, $0), 86400)) }
    }
}

package typealias ClientResult = Result<ClientResponse, NetError>
