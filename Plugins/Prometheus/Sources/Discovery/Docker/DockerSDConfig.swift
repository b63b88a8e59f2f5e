/// An element of `docker_sd_configs`.
struct DockerSDConfig: Decodable, Sendable, Hashable {
    struct Filter: Decodable, Sendable, Hashable {
        var name: String
        var values: [String]
    }

    /// `unix:///var/run/docker.sock`, `tcp://host:port`, `http://…`, `https://…`
    var host: String
    /// Of containers that expose none.
    var port: Int
    var filters: [Filter]
    /// The address of containers that use the network of the host.
    var hostNetworkingHost: String
    /// Of a container in several networks, take the first by name only.
    var matchFirstNetwork: Bool
    var refreshInterval: PrometheusDuration
    var client: HTTPClientSettings

    enum CodingKeys: String, CodingKey {
        case host, port, filters, hostNetworkingHost, matchFirstNetwork, refreshInterval
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        host = try container.value(.host, or: "")
        port = try container.value(.port, or: 80)
        filters = try container.value(.filters, or: [])
        hostNetworkingHost = try container.value(.hostNetworkingHost, or: "localhost")
        matchFirstNetwork = try container.value(.matchFirstNetwork, or: true)
        refreshInterval = try container.interval(.refreshInterval, or: .seconds(60), decoder)
        client = try HTTPClientSettings(from: decoder)
        guard endpoint != nil else {
            throw decoder.refusal(
                "found \"\(URLParts.withoutUser(host))\", expected unix:///path, tcp://host:port, "
                    + "http://host:port or https://host:port", at: [CodingKeys.host])
        }
    }

    /// The host as a client takes it.
    var endpoint: String? {
        guard let parts = URLParts(host) else { return nil }
        switch parts.scheme {
        case "unix" where parts.authority.isEmpty: return "unix:" + parts.path
        case "tcp" where !parts.authority.isEmpty:
            return (client.tlsConfig == nil ? "http://" : "https://") + parts.authority
        case "http", "https": return parts.isHTTP ? parts.origin : nil
        default: return nil
        }
    }
}
