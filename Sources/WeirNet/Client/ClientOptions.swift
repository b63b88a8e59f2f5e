package import NIOCore

/// How a client reaches its server; the defaults are the Collector's.
package struct ClientOptions: Sendable {
    package enum Version: String, Sendable, CaseIterable {
        case http1
        case http2
        case grpc
    }

    package var target: TargetURL
    package var version: Version
    /// Plaintext, where the endpoint's scheme does not say.
    package var insecure = false
    package var tls = ClientTLSOptions()
    /// Sent with every request; names in lower case.
    package var headers: [(name: String, value: String)] = []
    package var userAgent = "weir"
    /// Like the headers, only for the target itself, not for where it redirects to.
    package var authorization: ClientAuthorization?
    /// HTTP/1.1: between the client and every server that it talks to.
    package var proxy: ClientProxy?
    /// HTTP/1.1: whether redirects (301, 302, 303, 307, 308) are followed, ten at most.
    package var followsRedirects = false
    package var compression: ContentEncoding = .identity

    /// From `send` to the whole answer.
    package var timeout: TimeAmount = .seconds(5)
    package var connectTimeout: TimeAmount = .seconds(10)
    /// After a connection failed, new requests fail at once for this long, growing to the maximum.
    package var initialBackoff: TimeAmount = .milliseconds(100)
    package var maxBackoff: TimeAmount = .seconds(10)

    package var maxResponseBytes = 4 << 20
    /// HTTP/1.1: connections kept for each event loop, and how long.
    package var maxIdleConnections = 100
    package var idleConnectionTimeout: TimeAmount = .seconds(90)
    /// HTTP/1.1: connections open at once for each event loop; more requests wait.
    package var maxConnections = 64
    /// HTTP/2: pings after this long without a byte while requests are in flight; `nil` for none.
    package var keepaliveTime: TimeAmount?
    package var keepaliveTimeout: TimeAmount = .seconds(10)

    package init(target: TargetURL, version: Version) {
        self.target = target
        self.version = version
        if version != .grpc { timeout = .seconds(30) }
    }

    /// The scheme decides; without one TLS is used unless `insecure` is set. A unix socket has none.
    package var usesTLS: Bool {
        if case .unix = target.endpoint { return target.usesTLS ?? false }
        return target.usesTLS ?? !insecure
    }
}
