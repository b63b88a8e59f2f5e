/// A proxy between a client and its servers: `http://[user:password@]host:port`.
package struct ClientProxy: Sendable, Hashable {
    package var endpoint: Endpoint
    /// `Proxy-Authorization`, if the URL names a user.
    package var authorization: String?

    package init(parsing text: String) throws(NetError) {
        guard let rest = text.removing(prefix: "http://") else {
            throw NetError(
                .configuration,
                "proxy_url is \"\(Self.withoutUser(text))\": expected http://host:port, which serves https targets, too"
            )
        }
        var authority = rest.prefix { $0 != "/" }
        if let at = authority.lastIndex(of: "@") {
            let parts = authority[..<at].split(
                separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            authorization = ClientAuthorization.basic(
                PercentEncoding.decode(parts[0]),
                parts.count > 1 ? PercentEncoding.decode(parts[1]) : "")
            authority = authority[authority.index(after: at)...]
        }
        guard !authority.isEmpty else {
            throw NetError(.configuration, "proxy_url names no host: write http://host:port")
        }
        endpoint = try Endpoint.tcp(parsing: authority, whole: String(authority), defaultPort: 80)
    }

    /// The secret before `@` belongs in no message.
    private static func withoutUser(_ text: String) -> String {
        guard let at = text.lastIndex(of: "@") else { return text }
        return "…" + text[at...]
    }
}
