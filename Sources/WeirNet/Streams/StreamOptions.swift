package import NIOCore

/// Where a byte stream leads, and how.
package struct StreamOptions: Sendable {
    package var endpoint: Endpoint
    /// `nil`: plaintext.
    package var tls: ClientTLSOptions?
    /// From the call to the connection, the handshake included; a deadline may end it sooner.
    package var timeout: TimeAmount = .seconds(10)

    package init(endpoint: Endpoint) { self.endpoint = endpoint }

    /// The name that the server's certificate must be for.
    func serverName(_ tls: ClientTLSOptions) -> String? {
        if let name = tls.serverNameOverride, !name.isEmpty { return name }
        guard case .tcp(let host, _) = endpoint else { return nil }
        return host
    }
}

/// When a stream came about: nanoseconds on the caller's monotonic clock; 0: has not happened.
package struct StreamMoments: Sendable {
    package var began: UInt64 = 0
    package var resolved: UInt64 = 0
    package var connected: UInt64 = 0
    package var secured: UInt64 = 0
}

/// What a handshake of TLS came to.
package struct StreamTLSReport: Sendable {
    package var version = ""
    package var cipher = ""
    package var isVerified = false
    /// What is wrong with the certificate, where it is not verified.
    package var problem = ""
    /// DER, the server's own first.
    package var certificates: [[UInt8]] = []
}
