import NIOCore
import NIOSSL

extension NetError {
    /// Names what became of a stream, and what to do about it.
    ///
    /// - Parameter isOpen: the connection was there.
    init(streamTo target: String, _ error: any Error, isOpen: Bool = false) {
        if let error = error as? NetError {
            self = error
            return
        }
        guard error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError else {
            if isOpen {
                let isGone = (error as? ChannelError) == .ioOnClosedChannel
                self.init(
                    .closed,
                    isGone
                        ? "\(target) closed the connection"
                        : "the connection with \(target) broke: \(error)")
            } else {
                self.init(connectingTo: target, error)
            }
            return
        }
        let text = "\(error)"
        let advice: String
        if text.contains("WRONG_VERSION_NUMBER") {
            advice = "it answers in plaintext: leave tls out, or use the port that speaks TLS"
        } else if text.contains("UNSUPPORTED_PROTOCOL") || text.contains("PROTOCOL_VERSION") {
            advice = "it speaks no version of TLS that is allowed here: see min_version"
        } else if text.contains("CERTIFICATE_REQUIRED") || text.contains("HANDSHAKE_FAILURE_ON")
            || text.contains("SSLV3_ALERT_HANDSHAKE_FAILURE")
        {
            advice =
                "it refused the handshake: if it wants a client certificate, set cert_file and key_file"
        } else if text.contains("UNKNOWN_CA") || text.contains("BAD_CERTIFICATE") {
            advice = "it does not trust our certificate: check cert_file"
        } else {
            self.init(tlsWith: target, error)
            return
        }
        self.init(.tls, "TLS with \(target) failed: \(advice)", isSafeToRetry: true)
    }
}
