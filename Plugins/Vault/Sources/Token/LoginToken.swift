import WeirJSON
import WeirSDK

/// A token that a login gave, and what is to be done with it when. It knows no clock; the moments
/// are those of ``Host/monotonic``.
struct LoginToken: Sendable {
    enum Step: Sendable, Equatable {
        case use, renew, logIn
    }

    let text: String
    private let isRenewable: Bool
    /// In nanoseconds, of the login itself; 0: the token does not end.
    private let firstLease: UInt64
    private var lease: UInt64
    private var since: UInt64

    /// Reads `auth` of the answer to a login.
    init?(_ answer: JSONValue, at now: UInt64) {
        guard let auth = answer["auth"], let text = auth["client_token"]?.stringValue, !text.isEmpty
        else { return nil }
        self.text = text
        isRenewable = auth["renewable"]?.boolValue ?? false
        firstLease = LoginToken.lease(auth)
        lease = firstLease
        since = now
    }

    /// After two thirds of its life a token is renewed; where that cannot be or gives but little
    /// more, there is a new login.
    func step(at now: UInt64) -> Step {
        guard firstLease > 0, now >= since &+ lease / 3 * 2 else { return .use }
        return isRenewable && now < since &+ lease && lease >= firstLease / 3 ? .renew : .logIn
    }

    /// Takes over the answer to a renewal; `false`: it is none.
    mutating func renewed(_ answer: JSONValue, at now: UInt64) -> Bool {
        guard let auth = answer["auth"], auth["lease_duration"]?.integerValue != nil else {
            return false
        }
        lease = LoginToken.lease(auth)
        since = now
        return true
    }

    private static func lease(_ auth: JSONValue) -> UInt64 {
        let seconds = auth["lease_duration"]?.integerValue ?? 0
        return UInt64(clamping: min(max(seconds, 0), 1 << 32)) * 1_000_000_000
    }
}
