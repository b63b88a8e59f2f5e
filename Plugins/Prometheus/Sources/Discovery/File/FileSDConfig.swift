/// An element of `file_sd_configs`.
struct FileSDConfig: Decodable, Sendable, Hashable {
    /// Paths that end in .json, .yml or .yaml; the last element may hold `*`.
    var files: [String]
    var refreshInterval: PrometheusDuration

    enum CodingKeys: String, CodingKey { case files, refreshInterval = "refresh_interval" }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        files = try container.value(.files, or: [])
        refreshInterval = try container.value(
            .refreshInterval, or: PrometheusDuration(.seconds(300)))
    }
}
