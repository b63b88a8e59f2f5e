/// An element of `file_sd_configs`.
struct FileSDConfig: Decodable, Sendable, Hashable {
    /// Paths that end in .json, .yml or .yaml; the last element may hold `*`.
    var files: [String]
    var refreshInterval: PrometheusDuration

    enum CodingKeys: String, CodingKey { case files, refreshInterval }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        files = try container.value(.files, or: [])
        refreshInterval = try container.interval(.refreshInterval, or: .seconds(300), decoder)
        if files.isEmpty {
            throw decoder.refusal("found no files, expected at least one", at: [CodingKeys.files])
        }
        for file in files where !FileSDConfig.isPattern(file) {
            throw decoder.refusal(
                "found \"\(file)\", expected a path that ends in .json, .yml or .yaml, "
                    + "with * in its last element only", at: [CodingKeys.files])
        }
    }

    private static func isPattern(_ path: String) -> Bool {
        let endings = [".json", ".yml", ".yaml", ".JSON", ".YML", ".YAML"]
        guard endings.contains(where: path.hasSuffix) else { return false }
        guard let star = path.firstIndex(of: "*") else { return true }
        return !path[star...].contains("/")
    }
}

extension KeyedDecodingContainer {
    /// An interval, which cannot be zero.
    func interval(
        _ key: Key, or fallback: Duration, _ decoder: any Decoder
    ) throws -> PrometheusDuration {
        let interval = try value(key, or: PrometheusDuration(fallback))
        guard interval.duration > .zero else {
            throw decoder.refusal("found 0, expected more", at: [key])
        }
        return interval
    }
}
