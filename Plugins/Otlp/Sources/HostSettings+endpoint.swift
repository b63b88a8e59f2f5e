import WeirJSON
import WeirSDK

extension HostSettings {
    /// These settings with another endpoint.
    func replacing(endpoint: String) -> HostSettings {
        let others = (json.objectValue ?? []).filter { $0.key != "endpoint" }
        return HostSettings(.object([JSONMember("endpoint", .string(endpoint))] + others))
    }

    var endpoint: String { json["endpoint"]?.stringValue ?? "" }

    /// The endpoint for messages: without user and password.
    var printableEndpoint: String { HostSettings.printable(endpoint) }

    static func printable(_ endpoint: String) -> String {
        guard let at = endpoint.lastIndex(of: "@") else { return endpoint }
        let rest = endpoint[endpoint.index(after: at)...]
        guard let scheme = endpoint.firstRange(of: "://") else { return String(rest) }
        return String(endpoint[..<scheme.upperBound] + rest)
    }
}
