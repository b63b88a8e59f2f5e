/// A URL as a client is opened for it and as requests are sent.
struct URLParts: Sendable, Hashable {
    /// `http`, `unix`, ...
    var scheme: String
    /// `host:port`; for a socket empty.
    var authority: String
    /// Path and query; begins with `/` or is empty.
    var path: String

    /// `nil` if there is no scheme, or nothing after it.
    init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        scheme = text[..<colon].lowercased()
        let rest = text[text.index(after: colon)...]
        guard !scheme.isEmpty, rest.hasPrefix("//") else { return nil }
        let body = rest.dropFirst(2)
        let end = body.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? body.endIndex
        authority = String(body[..<end])
        path = String(body[end...].prefix { $0 != "#" })
        if path.hasPrefix("?") { path = "/" + path }
        if authority.isEmpty && path.isEmpty { return nil }
    }

    var isHTTP: Bool { (scheme == "http" || scheme == "https") && !authority.isEmpty }

    /// `scheme://host:port`
    var origin: String { "\(scheme)://\(authority)" }

    /// The host without port, user and brackets.
    var host: String {
        let host = authority.split(separator: "@").last ?? ""
        if host.hasPrefix("[") { return String(host.dropFirst().prefix { $0 != "]" }) }
        return String(host.prefix { $0 != ":" })
    }

    /// A password in a URL belongs in no message and on no page.
    static func withoutUser(_ url: String) -> String {
        guard let parts = URLParts(url), let at = parts.authority.lastIndex(of: "@") else {
            return url
        }
        return "\(parts.scheme)://…\(parts.authority[at...])\(parts.path)"
    }
}

/// `host:port`, with brackets around an address of IPv6.
func hostAndPort(_ host: String, _ port: some CustomStringConvertible) -> String {
    host.contains(":") || host.contains("%") ? "[\(host)]:\(port)" : "\(host):\(port)"
}
