import WeirSDK

/// An http or https URL, cut into what a request needs.
struct ProbeURL: Equatable {
    var isSecure: Bool
    /// Without brackets.
    var host: String
    var port: Int
    /// With the query; begins with a slash.
    var path: String
    /// `user:password`, percent-decoded; empty if there is none.
    var user = ""

    var isDefaultPort: Bool { port == (isSecure ? 443 : 80) }

    /// For the header `Host`.
    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return isDefaultPort ? name : "\(name):\(port)"
    }

    /// Without a scheme it is http.
    init(_ text: String) throws(ProbeFailure) {
        var rest = text[...]
        isSecure = false
        if let scheme = ProbeURL.scheme(of: text) {
            guard scheme == "http" || scheme == "https" else {
                throw ProbeFailure("'\(scheme)' is not http or https")
            }
            isSecure = scheme == "https"
            rest = rest.dropFirst(scheme.count + 3)
        }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        var authority = rest[..<end]
        path = String(rest[end...].prefix { $0 != "#" })
        if !path.hasPrefix("/") { path = "/" + path }
        if let at = authority.lastIndex(of: "@") {
            user = PercentEncoding.decode(authority[..<at])
            authority = authority[authority.index(after: at)...]
        }
        port = isSecure ? 443 : 80
        let port = try ProbeURL.split(&authority)
        self.port = port ?? self.port
        host = String(authority)
        guard !host.isEmpty else { throw ProbeFailure("the URL has no host") }
        guard ProbeURL.isPlain(host), ProbeURL.isPlain(path) else {
            throw ProbeFailure("the URL has a blank or a control character")
        }
    }

    /// Whether a text has no blanks and no control characters.
    static func isPlain(_ text: String) -> Bool {
        !text.utf8.contains { $0 <= 32 || $0 == 127 }
    }

    /// Whether a server to which that one leads may know what is for that one: it is the same, or
    /// the same with TLS.
    func isTrusted(by first: ProbeURL) -> Bool {
        guard host == first.host else { return false }
        if isSecure == first.isSecure { return port == first.port }
        return isSecure && isDefaultPort && first.isDefaultPort
    }

    /// `host:port`, which must have a port.
    static func hostAndPort(_ text: String) throws(ProbeFailure) -> (host: String, port: Int) {
        var rest = text[...]
        guard let port = try split(&rest), !rest.isEmpty else {
            throw ProbeFailure("the target is not host:port")
        }
        return (String(rest), port)
    }

    /// Takes the port away, and brackets.
    private static func split(_ authority: inout Substring) throws(ProbeFailure) -> Int? {
        var port: Substring?
        if authority.hasPrefix("[") {
            guard let close = authority.firstIndex(of: "]") else {
                throw ProbeFailure("the address has no closing bracket")
            }
            let after = authority[authority.index(after: close)...]
            if after.hasPrefix(":") { port = after.dropFirst() }
            authority = authority[..<close].dropFirst()
        } else if let colon = authority.lastIndex(of: ":") {
            port = authority[authority.index(after: colon)...]
            authority = authority[..<colon]
        }
        guard let port, !port.isEmpty else { return nil }
        guard let number = Int(port), (1...65_535).contains(number) else {
            // Not the text: it may be the rest of a password.
            throw ProbeFailure("what stands behind the last colon is not a port, 1 to 65535")
        }
        return number
    }

    private static func scheme(of text: String) -> String? {
        guard let range = text.firstRange(of: "://") else { return nil }
        return text[..<range.lowerBound].lowercased()
    }

    /// Where a redirect leads to.
    func following(_ location: String) throws(ProbeFailure) -> ProbeURL {
        if ProbeURL.scheme(of: location) != nil, !location.hasPrefix("/") {
            return try ProbeURL(location)
        }
        if location.hasPrefix("//") {
            return try ProbeURL((isSecure ? "https:" : "http:") + location)
        }
        var next = self
        let fresh = location.prefix { $0 != "#" }
        if fresh.hasPrefix("/") {
            next.path = String(fresh)
        } else if fresh.hasPrefix("?") {
            next.path = String(path.prefix { $0 != "?" }) + String(fresh)
        } else {
            let folder = path.prefix { $0 != "?" }
            let end = folder.lastIndex(of: "/") ?? folder.startIndex
            next.path = String(folder[...end]) + String(fresh)
        }
        guard ProbeURL.isPlain(next.path) else {
            throw ProbeFailure("the redirect to '\(location.prefix(80))' is not a URL")
        }
        return next
    }
}
