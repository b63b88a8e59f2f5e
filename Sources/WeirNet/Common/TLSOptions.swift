/// A version of TLS.
package enum TLSMinimumVersion: String, Sendable, CaseIterable {
    case tls10 = "1.0"
    case tls11 = "1.1"
    case tls12 = "1.2"
    case tls13 = "1.3"
}

/// TLS of a server; paths are PEM files.
package struct ServerTLSOptions: Sendable, Hashable {
    package var certFile: String
    package var keyFile: String
    /// With it, clients must present a certificate that one of these authorities signed.
    package var clientCAFile: String?
    /// With `clientCAFile`: a client may come without a certificate; one that it has must be signed.
    package var clientCertificateIsOptional = false
    package var minVersion: TLSMinimumVersion = .tls12
    /// `nil`: the newest that there is.
    package var maxVersion: TLSMinimumVersion?
    /// Whether HTTP/2 is offered.
    package var offersHTTP2 = true

    package init(
        certFile: String, keyFile: String, clientCAFile: String? = nil,
        minVersion: TLSMinimumVersion = .tls12
    ) {
        self.certFile = certFile
        self.keyFile = keyFile
        self.clientCAFile = clientCAFile
        self.minVersion = minVersion
    }
}

/// TLS of a client; paths are PEM files.
package struct ClientTLSOptions: Sendable, Hashable {
    /// Instead of the system's authorities.
    package var caFile: String?
    package var certFile: String?
    package var keyFile: String?
    /// The name to announce and to verify instead of the endpoint's host.
    package var serverNameOverride: String?
    package var insecureSkipVerify = false
    package var minVersion: TLSMinimumVersion = .tls12

    package init() {}
}
