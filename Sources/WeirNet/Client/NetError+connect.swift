import Glibc
import NIOCore
import NIOPosix
import NIOSSL

extension NetError {
    /// Names the cause of a failed connection, and what to look at.
    init(connectingTo target: String, _ error: any Error) {
        if let error = error as? NetError {
            self = error
            return
        }
        if error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError {
            self.init(tlsWith: target, error)
            return
        }
        let reason: String
        switch error {
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first {
                reason = Self.reason(first.error)
            } else if let dns = error.dnsAError ?? error.dnsAAAAError {
                reason =
                    "the name \(error.host) cannot be resolved (\(dns)): check the endpoint and DNS"
            } else {
                reason = "no address for \(error.host): check the endpoint and DNS"
            }
        default: reason = Self.reason(error)
        }
        self.init(.connectFailed, "cannot connect to \(target): \(reason)", isSafeToRetry: true)
    }

    private static func reason(_ error: any Error) -> String {
        if let error = error as? ChannelError, case .connectTimeout(let after) = error {
            return
                "no answer within \(after.nanoseconds / 1_000_000_000) s: is a firewall in between?"
        }
        switch (error as? IOError)?.errnoCode {
        case ECONNREFUSED: return "connection refused: is the server running, and is this its port?"
        case ENOENT: return "the socket file does not exist: is the server running?"
        case EACCES: return "permission denied: may this user open the socket?"
        case ENETUNREACH, EHOSTUNREACH: return "no route to the host: check the network"
        case ECONNRESET, EPIPE:
            return
                "the server reset the connection after the request: perhaps this port speaks TLS, as in https://"
        case ETIMEDOUT: return "no answer: is a firewall in between?"
        default: return "\(error)"
        }
    }

    init(tlsWith target: String, _ error: any Error) {
        let text = "\(error)"
        let advice: String
        if text.contains("WRONG_VERSION_NUMBER") {
            advice =
                "the server speaks plaintext: use an http:// endpoint, or for one without a scheme set "
                + "insecure: true"
        } else if text.contains("CERTIFICATE_VERIFY_FAILED") {
            advice = "its certificate is not trusted: set ca_file to the authority that signed it"
        } else if text.contains("failedToValidateHostname") || text.contains("unableToValidate") {
            advice = "its certificate is for another name: set server_name_override to a name in it"
        } else if text.contains("CERTIFICATE_REQUIRED") {
            advice = "it wants a client certificate: set cert_file and key_file"
        } else {
            advice = "\(error)"
        }
        self.init(.tls, "TLS with \(target) failed: \(advice)", isSafeToRetry: true)
    }
}
