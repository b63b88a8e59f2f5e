/// Where a socket listens or connects: `host:port` or `unix:/path`.
package enum Endpoint: Sendable, Hashable, CustomStringConvertible {
    case tcp(host: String, port: Int)
    case unix(path: String)

    package var description: String {
        switch self {
        case .tcp(let host, let port):
            return host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): return "unix:\(path)"
        }
    }

    /// Reads `0.0.0.0:4317`, `[::1]:4317`, `:4317` (all interfaces), `unix:/run/weir.sock` or
    /// `unix:///run/weir.sock`.
    package init(parsing text: String) throws(NetError) {
        if let rest = text.removing(prefix: "unix:") {
            let path = rest.hasPrefix("///") ? String(rest.dropFirst(2)) : String(rest)
            guard !path.isEmpty else {
                throw NetError(.configuration, "endpoint \"\(text)\" has no path: write unix:/path")
            }
            guard path.utf8.count < 108 else {
                throw NetError(
                    .configuration,
                    "the socket path \"\(path)\" has \(path.utf8.count) bytes: the system allows 107"
                )
            }
            self = .unix(path: path)
            return
        }
        if text.hasPrefix("http://") || text.hasPrefix("https://") {
            throw NetError(
                .configuration,
                "endpoint \"\(text)\" is a URL: write host:port, such as 0.0.0.0:4317")
        }
        self = try Self.tcp(parsing: text[...], whole: text, defaultPort: nil)
    }

    static func tcp(
        parsing text: Substring, whole: String, defaultPort: Int?
    ) throws(NetError) -> Endpoint {
        var host = text
        var portText: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else {
                throw NetError(.configuration, "endpoint \"\(whole)\" has a [ without its ]")
            }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            if rest.hasPrefix(":") { portText = rest.dropFirst() }
        } else if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            portText = text[text.index(after: colon)...]
            if host.contains(":") {
                throw NetError(
                    .configuration,
                    "endpoint \"\(whole)\" is ambiguous: write an IPv6 address in brackets, as in [::1]:4317"
                )
            }
        }
        guard let portText else {
            guard let defaultPort else {
                throw NetError(
                    .configuration, "endpoint \"\(whole)\" has no port: write it as host:port")
            }
            return .tcp(host: String(host), port: defaultPort)
        }
        guard let port = Int(portText), (0...65535).contains(port) else {
            throw NetError(
                .configuration,
                "endpoint \"\(whole)\" has the port \"\(portText)\": expected a number from 0 to 65535"
            )
        }
        return .tcp(host: host.isEmpty ? "0.0.0.0" : String(host), port: port)
    }
}

extension String {
    func removing(prefix: String) -> Substring? {
        hasPrefix(prefix) ? self[index(startIndex, offsetBy: prefix.count)...] : nil
    }
}
