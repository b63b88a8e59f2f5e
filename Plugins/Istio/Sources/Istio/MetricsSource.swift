import WeirSDK

/// A server, and the path of its metrics.
struct MetricsSource: Sendable {
    let target: Target
    let path: String

    init(_ endpoint: String, _ settings: HostSettings, _ host: Host) {
        path = MetricsSource.path(of: endpoint)
        // The path begins with the slash that may stand at the end.
        let base = !path.isEmpty && endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint
        target = Target(settings.replacing(endpoint: base), host)
    }

    /// The host appends paths to that of the endpoint: one that is there is the whole of it.
    static func path(of endpoint: String) -> String {
        let rest =
            endpoint.firstRange(of: "://").map { endpoint[$0.upperBound...] } ?? endpoint[...]
        if let slash = rest.firstIndex(of: "/"), rest.index(after: slash) < rest.endIndex {
            return ""
        }
        let authority = rest.prefix { $0 != "/" }
        return authority.hasSuffix(":15014") ? "/metrics" : "/stats/prometheus"
    }
}
