import NIOCore
import Synchronization

/// A connection that a server can end.
protocol ServerConnection: AnyObject {
    /// Lets requests in flight have their answers, then closes; at the latest after `limit`. One
    /// that waits for a request may have one more within `lingering`.
    func startDrain(within limit: TimeAmount, lingering: TimeAmount)
}

/// Who is at the other end.
struct PeerIdentity: Sendable {
    let address: SocketAddress?
    let tlsSubject: String?
    /// The address as text, made once for all requests of the connection.
    let name: String

    init(address: SocketAddress?, tlsSubject: String?) {
        self.address = address
        self.tlsSubject = tlsSubject
        name = address.describingPeer
    }
}

/// What the connections of one event loop share.
///
/// Confined to that loop, but for `counters`, `options` and `handler`.
final class ServerContext: @unchecked Sendable {
    let options: ServerOptions
    let handler: any ServerHandler
    let counters: ServerCounters
    let decompressor = Decompressor()
    private var connections: [ObjectIdentifier: any ServerConnection] = [:]
    private var draining: (limit: TimeAmount, lingering: TimeAmount)?

    init(options: ServerOptions, handler: any ServerHandler, counters: ServerCounters) {
        self.options = options
        self.handler = handler
        self.counters = counters
    }

    func add(_ connection: any ServerConnection) {
        connections[ObjectIdentifier(connection)] = connection
        if let draining {
            connection.startDrain(within: draining.limit, lingering: draining.lingering)
        }
    }

    func remove(_ connection: any ServerConnection) {
        connections.removeValue(forKey: ObjectIdentifier(connection))
    }

    func drain(within limit: TimeAmount, lingering: TimeAmount) {
        draining = (limit, lingering)
        for connection in Array(connections.values) {
            connection.startDrain(within: limit, lingering: lingering)
        }
    }

    /// Reports a request that is refused here. What a handler refuses has no reason, and is its own
    /// to report.
    func report(_ refusal: Refusal, peer: PeerIdentity) {
        if refusal.reason != nil { options.onRefusal(refusal, peer.name) }
    }

    /// Counts and reports a peer of the wrong protocol; the refusal is what to tell the peer.
    @discardableResult
    func mismatch(_ kind: ProtocolMismatch.Kind, peer: SocketAddress?) -> Refusal {
        counters.add(mismatch: kind)
        let text = kind.text(endpoint: options.endpoint.description)
        options.onProtocolMismatch(
            ProtocolMismatch(kind: kind, peer: peer.describingPeer, text: text))
        return Refusal(httpStatus: kind.httpStatus, code: .unimplemented, message: text)
    }
}

extension ProtocolMismatch.Kind {
    var httpStatus: Int {
        switch self {
        case .http1OnGRPCPort: return 505
        case .httpOnGRPCPort, .grpcOnHTTPPort: return 415
        default: return 400
        }
    }

    /// What was found and what to change.
    func text(endpoint: String) -> String {
        switch self {
        case .tlsOnPlaintextPort:
            return
                "the client speaks TLS to the plaintext port \(endpoint): set insecure: true or an http:// endpoint in the client, or configure tls: for this port"
        case .plaintextOnTLSPort:
            return
                "the client sent plaintext to the TLS port \(endpoint): use an https:// endpoint or insecure: false in the client, or remove tls: from this port"
        case .http1OnGRPCPort:
            return
                "an HTTP/1.1 request came to the gRPC port \(endpoint): gRPC needs HTTP/2; for OTLP over HTTP use the HTTP port (default 4318)"
        case .httpOnGRPCPort:
            return
                "a request without content-type application/grpc came to the gRPC port \(endpoint): for OTLP over HTTP use the HTTP port (default 4318)"
        case .grpcOnHTTPPort:
            return
                "a gRPC request came to the HTTP port \(endpoint): for OTLP over gRPC use the gRPC port (default 4317)"
        case .garbage:
            return "the client of \(endpoint) speaks neither HTTP/1.1, HTTP/2 nor TLS"
        case .tlsHandshakeFailed:
            return "the TLS handshake with a client of \(endpoint) failed"
        }
    }
}
