import WeirJSON
import WeirSDK

extension HostSettings {
    /// These settings with another endpoint.
    func replacing(endpoint: String) -> HostSettings {
        let others = (json.objectValue ?? []).filter { $0.key != "endpoint" }
        return HostSettings(.object([JSONMember("endpoint", .string(endpoint))] + others))
    }

    var endpoint: String { json["endpoint"]?.stringValue ?? "" }

    /// The endpoint for messages: without user and password, and without the query, which may hold
    /// a token.
    var printableEndpoint: String { HostSettings.printable(endpoint) }

    static func printable(_ endpoint: String) -> String {
        var rest = endpoint[...]
        var scheme = endpoint[..<endpoint.startIndex]
        if let end = endpoint.firstRange(of: "://")?.upperBound {
            (scheme, rest) = (endpoint[..<end], endpoint[end...])
        }
        if let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        return String(scheme + rest.prefix { $0 != "?" })
    }
}
