/// An element of `http_sd_configs`.
struct HTTPSDConfig: Decodable, Sendable, Hashable {
    var url: String
    var refreshInterval: PrometheusDuration
    var client: HTTPClientSettings

    enum CodingKeys: String, CodingKey { case url, refreshInterval = "refresh_interval" }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        url = try container.value(.url, or: "")
        refreshInterval = try container.value(
            .refreshInterval, or: PrometheusDuration(.seconds(60)))
        client = try HTTPClientSettings(from: decoder)
    }
}
