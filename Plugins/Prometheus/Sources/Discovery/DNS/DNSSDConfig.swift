/// An element of `dns_sd_configs`.
struct DNSSDConfig: Decodable, Sendable, Hashable {
    var names: [String]
    var type: String
    var port: Int
    var refreshInterval: PrometheusDuration

    enum CodingKeys: String, CodingKey {
        case names, type, port
        case refreshInterval = "refresh_interval"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        names = try container.value(.names, or: [])
        type = try container.value(.type, or: "SRV")
        port = try container.value(.port, or: 0)
        refreshInterval = try container.value(
            .refreshInterval, or: PrometheusDuration(.seconds(30)))
    }
}
