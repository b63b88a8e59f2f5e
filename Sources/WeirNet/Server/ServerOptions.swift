package import NIOCore

/// How a server listens and what it puts up with; the defaults are the Collector's.
package struct ServerOptions: Sendable {
    package var endpoint: Endpoint
    package var tls: ServerTLSOptions?

    /// Whether gRPC requests are taken.
    package var allowsGRPC = true
    /// Whether requests other than gRPC are taken, over HTTP/1.1 and HTTP/2.
    package var allowsHTTP = true

    /// All header fields of one request, names and values.
    package var maxHeaderBytes = 16 << 10
    /// One body as it comes over the wire. The Collector's gRPC default is 4 MiB, its HTTP default 20.
    package var maxRequestBodyBytes = 20 << 20
    /// One body after decompression.
    package var maxDecompressedBytes = 64 << 20
    /// HTTP/2 streams open at once on one connection.
    package var maxConcurrentStreams = 1000
    /// HTTP/1.1 requests read ahead on one connection while earlier ones wait for their answers.
    package var maxPipelinedRequests = 64
    /// Connections open at once; 0 for no limit.
    package var maxConnections = 0
    /// Those of one address; 0 for no limit. On a Unix socket there are no addresses, and no limit.
    package var maxConnectionsPerClient = 0

    /// From the first byte of a request (or of a connection) to the end of its header.
    package var readHeaderTimeout: TimeAmount = .seconds(60)
    /// A connection without a request is closed after this; for HTTP/2 see `maxConnectionIdle`.
    package var idleTimeout: TimeAmount = .seconds(60)
    /// A body has to bring `minimumBodyProgress` bytes or end within each such period.
    package var bodyTimeout: TimeAmount = .seconds(30)
    package var minimumBodyProgress = 16 << 10

    /// HTTP/2: an idle connection is closed after this; `nil` for never.
    package var maxConnectionIdle: TimeAmount?
    /// HTTP/2: a connection is asked to end after this; `nil` for never.
    package var maxConnectionAge: TimeAmount?
    /// HTTP/2: what requests in flight get after `maxConnectionAge`.
    package var maxConnectionAgeGrace: TimeAmount = .seconds(10)
    /// HTTP/2: a ping is sent after this long without a byte.
    package var keepaliveTime: TimeAmount = .hours(2)
    /// HTTP/2: the connection is closed when the ping's answer takes longer.
    package var keepaliveTimeout: TimeAmount = .seconds(20)

    /// HTTP/2: bytes that a stream, and a connection, may send ahead of us.
    package var streamWindow = 4 << 20
    package var connectionWindow = 16 << 20

    /// Called on a connection's event loop when a peer speaks another protocol than the port.
    package var onProtocolMismatch: @Sendable (ProtocolMismatch) -> Void = { _ in }
    /// Called on an event loop when a connection is closed at once, because too many are open.
    package var onConnectionRefused: @Sendable (ConnectionRefusal) -> Void = { _ in }
    /// Called on a connection's event loop when a request is refused that the handler does not get
    /// to see, as it is too large, damaged or in an unknown encoding: why, and the peer.
    package var onRefusal: @Sendable (Refusal, _ peer: String) -> Void = { _, _ in }

    package init(endpoint: Endpoint) { self.endpoint = endpoint }
}

/// A peer that speaks something else than what this port serves.
package struct ProtocolMismatch: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case tlsOnPlaintextPort = "tls_on_plaintext_port"
        case plaintextOnTLSPort = "plaintext_on_tls_port"
        case http1OnGRPCPort = "http1_on_grpc_port"
        case httpOnGRPCPort = "http_on_grpc_port"
        case grpcOnHTTPPort = "grpc_on_http_port"
        case garbage = "unknown_protocol"
        case tlsHandshakeFailed = "tls_handshake_failed"
    }
    package var kind: Kind
    package var peer: String
    /// What was found and what to change.
    package var text: String
}
