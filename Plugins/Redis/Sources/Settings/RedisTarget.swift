import WeirJSON
package import WeirSDK

/// Where a server is, and who we are there.
package struct RedisTarget: Sendable, Equatable {
    /// `host:port` or `unix:/path`.
    package var address: String
    package var usesTLS = false
    package var username: String?
    package var password: String?

    /// Reads `redis://[user:password@]host[:port][/db]`, `rediss://`, `valkey://`, `host[:port]`,
    /// `unix:/path`. Errors do not show the text: it may hold a password.
    package init(parsing text: String) throws(ComponentError) {
        if text.hasPrefix("unix:") {
            let path = text.dropFirst(5)
            address = "unix:" + (path.hasPrefix("//") ? path.dropFirst(2) : path)
            return
        }
        var rest = text[...]
        if let end = text.firstRange(of: "://") {
            switch text[..<end.lowerBound] {
            case "redis", "valkey", "tcp": break
            case "rediss", "valkeys", "tls": usesTLS = true
            case let scheme:
                throw .invalid(
                    "endpoint begins with \(scheme)://: expected redis://, rediss:// or unix:")
            }
            rest = rest[end.upperBound...]
        }
        if let at = rest.lastIndex(of: "@") {
            let user = rest[..<at]
            rest = rest[rest.index(after: at)...]
            if let colon = user.firstIndex(of: ":") {
                password = PercentEncoding.decode(user[user.index(after: colon)...])
                username = PercentEncoding.decode(user[..<colon])
            } else {
                username = PercentEncoding.decode(user)
            }
            if username == "" { username = nil }
        }
        // A database after it says nothing here: all are looked at.
        let host = rest.prefix { $0 != "/" && $0 != "?" }
        guard !host.isEmpty, !host.hasPrefix(":") else {
            throw .invalid("endpoint has no host: write redis://host:6379")
        }
        let hasPort = host.hasPrefix("[") ? host.contains("]:") : host.contains(":")
        address = hasPort ? String(host) : "\(host):6379"
        // The port is no secret, unless what was to be a password was taken for it.
        let port = hasPort ? host.split(separator: ":").last.map(String.init) ?? "" : "6379"
        guard let number = Int(port), (1...65535).contains(number) else {
            let found = port.allSatisfy(\.isNumber) && !port.isEmpty ? "'\(port)'" : "no number"
            throw .invalid("endpoint has \(found) as its port: expected 1 to 65535")
        }
    }

    /// What the host needs to connect.
    func streamSettings(_ settings: RedisSettings, at address: String? = nil) -> HostSettings {
        var members = [JSONMember("endpoint", .string(address ?? self.address))]
        let tls = settings.tls?.json
        let isOff = tls?["insecure"]?.boolValue == true && !usesTLS
        if usesTLS || (tls != nil && tls != .null && !isOff) {
            let given = (tls?.objectValue ?? []).filter { $0.key != "insecure" }
            members.append(JSONMember("tls", .object(given)))
        }
        let nanoseconds = Int64(clamping: settings.connectionTimeout.clampedNanoseconds)
        members.append(JSONMember("timeout", .integer(nanoseconds)))
        return HostSettings(.object(members))
    }
}
