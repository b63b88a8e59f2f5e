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
    var hostNetworkingHost: String
    var matchFirstNetwork: Bool
    var refreshInterval: PrometheusDuration
    var client: HTTPClientSettings

    enum CodingKeys: String, CodingKey {
        case host, port, filters
        case hostNetworkingHost = "host_networking_host"
        case matchFirstNetwork = "match_first_network"
        case refreshInterval = "refresh_interval"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        host = try container.value(.host, or: "")
        port = try container.value(.port, or: 80)
        filters = try container.value(.filters, or: [])
        hostNetworkingHost = try container.value(.hostNetworkingHost, or: "localhost")
        matchFirstNetwork = try container.value(.matchFirstNetwork, or: true)
        refreshInterval = try container.value(
            .refreshInterval, or: PrometheusDuration(.seconds(60)))
        client = try HTTPClientSettings(from: decoder)
    }
}
