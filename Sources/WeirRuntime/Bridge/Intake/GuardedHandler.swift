import NIOCore
import WeirJSON
import WeirNet

/// Lets through who has a user's password; the plugin behind it sees nothing of the others.
struct GuardedHandler: ServerHandler {
    let inner: any ServerHandler
    let users: WebUsers

    private static let refusal = Refusal(
        httpStatus: 401, code: .unauthenticated,
        message: "a user and the password are needed here: see basic_auth_users of this component",
        headers: [("www-authenticate", "Basic realm=\"weir\", charset=\"UTF-8\"")])

    func admit(_ head: RequestHead, declaredBytes: Int?) -> Admission {
        // The body of somebody who does not even say who he is need not be read.
        guard WebUsers.credentials(head.headers.first("authorization")) != nil else {
            return .refuse(Self.refusal)
        }
        return inner.admit(head, declaredBytes: declaredBytes)
    }

    func receive(_ exchange: ServerExchange) {
        users.check(exchange.header("authorization")) { verdict in
            switch verdict {
            case .welcome:
                // A password that is not known yet was tried on another thread.
                let loop = exchange.eventLoop
                if loop.inEventLoop {
                    inner.receive(exchange)
                } else {
                    loop.execute { inner.receive(exchange) }
                }
            case .refused: exchange.refuse(Self.refusal)
            case .busy:
                exchange.refuse(
                    Refusal(
                        httpStatus: 503, code: .unavailable,
                        message: "too many passwords are being tried: ask later",
                        retryAfter: .seconds(1)))
            }
        }
    }

    // Messages of a stream would come before anybody was asked who he is: a call brings one here.
}

extension WebUsers {
    /// `nil`: everyone may ask.
    convenience init?(settings: JSONValue?) throws(NetError) {
        var hashes: [String: String] = [:]
        for member in settings?.objectValue ?? [] {
            hashes[member.key] = member.value.stringValue ?? ""
        }
        guard !hashes.isEmpty else { return nil }
        if let complaint = WebUsers.complaint(hashes) { throw NetError(.configuration, complaint) }
        guard WebUsers.canCheck else {
            throw NetError(
                .configuration,
                "basic_auth_users needs libcrypt.so.1 with bcrypt, which is not here: install it "
                    + "(Debian: libcrypt1)")
        }
        let users = hashes
        self.init { users }
    }
}
