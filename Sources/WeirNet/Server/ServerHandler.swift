package import NIOCore

/// The part of a request that precedes its body.
package final class RequestHead: Sendable {
    package let method: String
    /// Without the query.
    package let path: String
    /// What follows the question mark, as it came; `nil` without one.
    package let query: String?
    package let headers: MessageHeaders
    /// The first of the headers with this name; empty where there is none.
    package let contentType: String
    package let isGRPC: Bool
    /// The peer's address as text; a peer on a unix socket has none.
    package let peerDescription: String
    /// The common name of the certificate that the peer proved to own.
    package let tlsPeerSubject: String?

    init(
        method: String, path: String, query: String? = nil, headers: MessageHeaders,
        contentType: String = "", isGRPC: Bool, peerDescription: String,
        tlsPeerSubject: String? = nil
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.contentType = contentType
        self.isGRPC = isGRPC
        self.peerDescription = peerDescription
        self.tlsPeerSubject = tlsPeerSubject
    }
}

/// Whether a request may send its body.
package enum Admission: Sendable {
    /// The reservation lives as long as the request and its exchange: its deinit gives back.
    case accept(reservation: (any AnyObject & Sendable)? = nil)
    case refuse(Refusal)
}

/// An answer to a request that was not let in.
package struct Refusal: Sendable {
    /// What HTTP says; gRPC says `code`.
    package var httpStatus: Int
    package var code: GRPCCode
    package var message: String
    package var retryAfter: TimeAmount?
    /// A word to count by, where the server refuses what no handler gets to see.
    package var reason: String?
    /// What HTTP says besides; names in lower case.
    package var headers: [(String, String)]

    package init(
        httpStatus: Int, code: GRPCCode? = nil, message: String, retryAfter: TimeAmount? = nil,
        reason: String? = nil, headers: [(String, String)] = []
    ) {
        self.httpStatus = httpStatus
        self.code = code ?? GRPCCode(httpStatus: httpStatus)
        self.message = message
        self.retryAfter = retryAfter
        self.reason = reason
        self.headers = headers
    }
}

/// What a server does with requests. Every method runs on the event loop of the connection and must
/// not block.
package protocol ServerHandler: Sendable {
    /// Asked before the body is read; `declaredBytes` is what the request says it will bring, over
    /// the wire, or `nil` when it does not say.
    func admit(_ head: RequestHead, declaredBytes: Int?) -> Admission

    /// A request is complete and unpacked; the exchange wants exactly one answer, from any thread.
    func receive(_ exchange: ServerExchange)

    /// Whether a gRPC method takes a stream of messages. Then each arrives by `receiveMessage` and
    /// `receive` follows, with an empty body, when the client has sent the last one.
    func isClientStreaming(_ head: RequestHead) -> Bool

    /// One message of a streaming call. The exchange may be answered at any time.
    func receiveMessage(_ message: ByteBuffer, of exchange: ServerExchange)

    /// A streaming call ended without its end: the client went away.
    func streamAborted(_ exchange: ServerExchange)
}

extension ServerHandler {
    package func admit(_ head: RequestHead, declaredBytes: Int?) -> Admission { .accept() }
    package func isClientStreaming(_ head: RequestHead) -> Bool { false }
    package func receiveMessage(_ message: ByteBuffer, of exchange: ServerExchange) {}
    package func streamAborted(_ exchange: ServerExchange) {}
}

extension SocketAddress? {
    var describingPeer: String {
        guard let self else { return "unix socket" }
        guard let host = self.ipAddress, let port = self.port else { return "unix socket" }
        return host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
