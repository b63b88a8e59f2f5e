import CWeirSystem
import NIOPosix
import Synchronization
import WeirNet

/// Who may ask: users with bcrypt hashes, by HTTP's basic authentication.
///
/// A hash takes tens of milliseconds by design. So passwords are tried on a thread of their own, and
/// the one that a user came with last is remembered for as long as its hash stays.
package final class WebUsers: Sendable {
    package enum Verdict: Sendable, Equatable {
        case welcome, refused
        /// Too many passwords are being tried; to be asked again.
        case busy
    }

    /// Passwords that wait to be tried.
    static let maxWaiting = 16
    /// Tried for users that do not exist, so that time does not tell who does.
    private static let nobody = "$2b$10$abcdefghijklmnopqrstuuROfV0doWU3Lyx1MXHO14yZOkxttlM3W"

    private struct Known {
        let hash: String
        let password: [UInt8]
    }

    private struct State {
        var known: [String: Known] = [:]
        var waiting = 0
    }

    /// The hashes as they are now.
    private let hashes: @Sendable () -> [String: String]
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let state = Mutex(State())

    package init(_ hashes: @escaping @Sendable () -> [String: String]) {
        self.hashes = hashes
        thread.start()
    }

    /// Its thread would outlive a listener that could not be opened.
    deinit { stop() }

    /// Whether the system can check passwords at all.
    package static var canCheck: Bool {
        unsafe weir_password_matches("weir", "$2b$04$abcdefghijklmnopqrstuu") >= 0
    }

    /// Answers once, on this thread or on that of the passwords.
    ///
    /// - Parameter authorization: The request's header.
    package func check(
        _ authorization: String?, _ answer: @escaping @Sendable (Verdict) -> Void
    ) {
        let hashes = hashes()
        guard !hashes.isEmpty else { return answer(.welcome) }
        guard let (user, password) = Self.credentials(authorization) else {
            return answer(.refused)
        }
        let hash = hashes[user]
        let (isKnown, mayWait) = state.withLock { state -> (Bool, Bool) in
            if let known = state.known[user], known.hash == hash,
                Self.areEqual(known.password, password)
            {
                return (true, true)
            }
            guard state.waiting < Self.maxWaiting else { return (false, false) }
            state.waiting += 1
            return (false, true)
        }
        if isKnown { return answer(.welcome) }
        guard mayWait else { return answer(.busy) }
        thread.submit { [self] _ in
            let matches = Self.matches(password, hash ?? Self.nobody)
            state.withLock { state in
                state.waiting -= 1
                if matches, let hash { state.known[user] = Known(hash: hash, password: password) }
            }
            answer(matches && hash != nil ? .welcome : .refused)
        }
    }

    package func stop() { thread.shutdownGracefully { _ in } }

    /// The user and the password of `Basic dXNlcjpwYXNzd29yZA==`.
    static func credentials(_ authorization: String?) -> (user: String, password: [UInt8])? {
        let parts = (authorization ?? "").split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "basic",
            let bytes = Base64.decode(parts[1].filter { $0 != " " }),
            let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            // Ends a text in C: what follows would not be looked at.
            !bytes.contains(0)
        else { return nil }
        return (String(decoding: bytes[..<colon], as: UTF8.self), Array(bytes[(colon + 1)...]))
    }

    private static func matches(_ password: [UInt8], _ hash: String) -> Bool {
        let text = password.map { CChar(bitPattern: $0) } + [0]
        return unsafe weir_password_matches(text, hash) == 1
    }

    /// Looks at all of both, wherever the first difference is.
    private static func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        one.count == other.count && zip(one, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// `$2a$`, `$2b$` or `$2y$`, a cost of 4 to 31, 53 characters.
    private static func isHash(_ text: String) -> Bool {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0].isEmpty, ["2a", "2b", "2y"].contains(parts[1]),
            parts[2].utf8.count == 2, let cost = Int(parts[2]), 4...31 ~= cost
        else { return false }
        return parts[3].utf8.count == 53
            && parts[3].utf8.allSatisfy {
                switch $0 {
                case 0x2e...0x39, 0x41...0x5a, 0x61...0x7a: true
                default: false
                }
            }
    }

    /// What is wrong with `basic_auth_users`; `nil`: nothing. The hash is not shown: it may be the
    /// password itself.
    package static func complaint(_ users: [String: String]) -> String? {
        for (user, hash) in users.sorted(by: { $0.key < $1.key }) where !isHash(hash) {
            return "basic_auth_users.\(user) is not a bcrypt hash: expected $2y$COST$ and 53 "
                + "characters, as `htpasswd -nBC 10 \(user)` gives them after the colon"
        }
        return nil
    }
}
