import WeirJSON

extension HostSettings {
    /// These settings with another endpoint.
    public func replacing(endpoint: String) -> HostSettings {
        let others = (json.objectValue ?? []).filter { $0.key != "endpoint" }
        return HostSettings(.object([JSONMember("endpoint", .string(endpoint))] + others))
    }

    /// Empty if there is none.
    public var endpoint: String { json["endpoint"]?.stringValue ?? "" }

    /// The endpoint for messages: without user and password, and without the query, which may hold
    /// a token.
    public var printableEndpoint: String { HostSettings.printable(endpoint) }

    /// Any endpoint or URL, likewise.
    public static func printable(_ endpoint: String) -> String {
        var rest = endpoint[...]
        var scheme = endpoint[..<endpoint.startIndex]
        if let end = endpoint.firstRange(of: "://")?.upperBound {
            (scheme, rest) = (endpoint[..<end], endpoint[end...])
        }
        if let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        return String(scheme + rest.prefix { $0 != "?" })
    }
}
