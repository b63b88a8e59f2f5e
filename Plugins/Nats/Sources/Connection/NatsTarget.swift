package import WeirSDK

/// Where a server is, and who we are there.
package struct NatsTarget: Sendable, Equatable {
    /// `host:port`.
    package var address: String
    package var usesTLS = false
    package var user: String?
    package var password: String?
    package var token: String?

    /// Reads `nats://a:4222,nats://b:4222`.
    package static func list(_ text: String) throws(ComponentError) -> [NatsTarget] {
        var targets: [NatsTarget] = []
        for part in text.split(separator: ",") {
            let part = part.filter { $0 != " " }
            if !part.isEmpty { targets.append(try NatsTarget(parsing: part)) }
        }
        guard !targets.isEmpty else {
            throw .invalid("endpoint: it is empty: write nats://host:4222, or several with commas")
        }
        return targets
    }

    /// Reads `nats://[user:password@|token@]host[:port]`, `tls://`, `host[:port]`. Errors do not show
    /// the text: it may hold a password.
    package init(parsing text: String) throws(ComponentError) {
        var rest = text[...]
        if let end = text.firstRange(of: "://") {
            switch text[..<end.lowerBound] {
            case "nats": break
            case "tls": usesTLS = true
            case let scheme:
                throw .invalid("endpoint: found \(scheme)://, expected nats:// or tls://")
            }
            rest = rest[end.upperBound...]
        }
        if let at = rest.lastIndex(of: "@") {
            let login = rest[..<at]
            rest = rest[rest.index(after: at)...]
            if let colon = login.firstIndex(of: ":") {
                user = PercentEncoding.decode(login[..<colon])
                password = PercentEncoding.decode(login[login.index(after: colon)...])
            } else if !login.isEmpty {
                token = PercentEncoding.decode(login)
            }
        }
        let host = rest.prefix { $0 != "/" && $0 != "?" }
        guard !host.isEmpty, !host.hasPrefix(":") else {
            throw .invalid("endpoint: it has no host: write nats://host:4222")
        }
        let hasPort = host.hasPrefix("[") ? host.contains("]:") : host.contains(":")
        address = hasPort ? String(host) : "\(host):4222"
    }
}
