/// Where a redirect leads (RFC 9110, 15.4; RFC 3986, 5.2).
struct Redirect: Equatable {
    /// How many are followed for one request.
    static let limit = 10

    /// Another server; `nil`: the same.
    var target: TargetURL?
    /// Path and query.
    var uri: String

    static func isRedirect(_ status: Int) -> Bool { [301, 302, 303, 307, 308].contains(status) }

    /// Whether the request goes on as GET and without its body: for 303, and as everybody does it for
    /// what was posted.
    static func dropsBody(_ status: Int, method: String) -> Bool {
        status == 303 || (status < 303 && method != "GET" && method != "HEAD")
    }

    /// - Parameters:
    ///   - location: absolute, or relative to where the answer came from.
    ///   - uri: path and query of the request.
    ///   - current: the server that answered.
    init(
        location: String, uri: String, current: TargetURL, usesTLS: Bool
    ) throws(NetError) {
        var rest = location.prefix { $0 != "#" }
        var scheme: String?
        for candidate in ["http", "https"]
        where rest.lowercased().hasPrefix("\(candidate)://") {
            scheme = candidate
            rest = rest.dropFirst(candidate.count + 1)
        }
        if scheme == nil, Self.hasScheme(rest) {
            throw NetError(
                .protocolViolation,
                "\(current.endpoint) redirects to \"\(location)\": expected an http:// or https:// URL"
            )
        }
        if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            let authority = rest.prefix { !"/?".contains($0) }
            rest = rest.dropFirst(authority.count)
            let here = usesTLS ? "https" : "http"
            let parsed = try TargetURL(parsing: "\(scheme ?? here)://\(authority)")
            let isSame = parsed.endpoint == current.endpoint && (parsed.usesTLS ?? false) == usesTLS
            target = isSame ? nil : parsed
            self.uri = Self.normal(rest.hasPrefix("/") ? rest : "/" + rest)
            return
        }
        let path = uri.prefix { $0 != "?" }
        switch rest.first {
        case nil: self.uri = uri
        case "/": self.uri = Self.normal(rest)
        case "?": self.uri = Self.normal(path + rest)
        default:
            let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
            self.uri = Self.normal(folder + rest)
        }
    }

    private static func hasScheme(_ text: Substring) -> Bool {
        let head = text.prefix { !"/?:".contains($0) }
        return head.endIndex < text.endIndex && text[head.endIndex] == ":"
    }

    /// Without dot segments, and with nothing in it that breaks a request line.
    private static func normal(_ text: Substring) -> String {
        let path = text.prefix { $0 != "?" }
        let query = text[path.endIndex...]
        var segments: [Substring] = []
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        for (index, part) in parts.enumerated() {
            let isLast = index == parts.count - 1
            switch part {
            case ".": if isLast { segments.append("") }
            case "..":
                _ = segments.popLast()
                if isLast { segments.append("") }
            default: segments.append(part)
            }
        }
        // Only what may not stand in a request line at all.
        let target = "/" + segments.joined(separator: "/") + query
        return PercentEncoding.encode(target[...]) { $0 > 0x20 && $0 < 0x7F }
    }
}

extension TargetURL {
    /// Whether credentials for this server may go to the other one: the same host, and not from TLS to
    /// plaintext.
    func sharesCredentials(with other: TargetURL) -> Bool {
        guard case .tcp = endpoint, case .tcp = other.endpoint,
            hostName.lowercased() == other.hostName.lowercased()
        else { return false }
        return !(usesTLS ?? false) || (other.usesTLS ?? false)
    }
}
