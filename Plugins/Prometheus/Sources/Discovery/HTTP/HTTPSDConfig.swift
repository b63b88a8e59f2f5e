/// An element of `http_sd_configs`.
struct HTTPSDConfig: Decodable, Sendable, Hashable {
    var url: String
    var refreshInterval: PrometheusDuration
    var client: HTTPClientSettings

    enum CodingKeys: String, CodingKey { case url, refreshInterval }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        url = try container.value(.url, or: "")
        refreshInterval = try container.interval(.refreshInterval, or: .seconds(60), decoder)
        client = try HTTPClientSettings(from: decoder)
        guard let parts = URLParts(url), parts.isHTTP else {
            throw decoder.refusal(
                "found \"\(URLParts.withoutUser(url))\", expected http://host:port/path or https://…",
                at: [CodingKeys.url])
        }
    }
}
