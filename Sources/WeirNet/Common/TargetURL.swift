/// A client's endpoint, taken apart: `http://host:4318/prefix`, `https://…`, `host:4317`,
/// `dns:///host:4317`, `unix:/path`.
package struct TargetURL: Sendable, Hashable {
    package var endpoint: Endpoint
    /// `nil` when the text names no scheme.
    package var usesTLS: Bool?
    /// What goes into `:authority` or `Host`.
    package var authority: String
    /// The path before every request's own path, without the last slash; may be empty.
    package var pathPrefix: String

    /// The name that a certificate has to carry and SNI announces.
    package var hostName: String {
        switch endpoint {
        case .tcp(let host, _): return host
        case .unix: return "localhost"
        }
    }

    package init(parsing text: String) throws(NetError) {
        if text.hasPrefix("unix:") {
            endpoint = try Endpoint(parsing: text)
            usesTLS = nil
            authority = "localhost"
            pathPrefix = ""
            return
        }
        var rest = text[...]
        var defaultPort: Int?
        usesTLS = nil
        if let after = text.removing(prefix: "http://") {
            (rest, usesTLS, defaultPort) = (after, false, 80)
        } else if let after = text.removing(prefix: "https://") {
            (rest, usesTLS, defaultPort) = (after, true, 443)
        } else if let after = text.removing(prefix: "dns:///") {
            rest = after
        } else if text.contains("://") {
            throw NetError(
                .configuration,
                "endpoint \"\(text)\" has an unknown scheme: expected http://, https://, unix: or host:port"
            )
        }
        var path = ""
        if let slash = rest.firstIndex(of: "/") {
            path = String(rest[slash...])
            rest = rest[..<slash]
        }
        while path.hasSuffix("/") { path.removeLast() }
        guard !rest.isEmpty else {
            throw NetError(.configuration, "endpoint \"\(text)\" names no host")
        }
        guard !rest.contains("@") else {
            throw NetError(
                .configuration, "the endpoint carries user information before @: set it as a header"
            )
        }
        endpoint = try Endpoint.tcp(parsing: rest, whole: text, defaultPort: defaultPort)
        authority = String(rest)
        pathPrefix = path
    }
}
