/// What went wrong on the network, with a text that says what to do about it.
package struct NetError: Error, Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable, CaseIterable {
        /// An option that cannot work, such as an endpoint without a port.
        case configuration
        /// The listening socket could not be opened.
        case bindFailed
        /// No connection to the server.
        case connectFailed
        /// The deadline of the request passed.
        case timeout
        /// The TLS handshake, or loading a certificate, failed.
        case tls
        /// The peer speaks another protocol than this port or client.
        case protocolMismatch
        /// The peer broke the protocol.
        case protocolViolation
        /// The connection ended before the answer.
        case closed
        /// A file with credentials cannot be read.
        case credentials
        /// The answer is over the limit.
        case tooLarge
        /// The caller withdrew the request.
        case cancelled
    }

    package var kind: Kind
    package var message: String
    /// The server has certainly not acted on the request: sending it again cannot duplicate it.
    package var isSafeToRetry: Bool

    package init(_ kind: Kind, _ message: String, isSafeToRetry: Bool = false) {
        self.kind = kind
        self.message = message
        self.isSafeToRetry = isSafeToRetry
    }

    package var description: String { "\(kind.rawValue): \(message)" }
}
