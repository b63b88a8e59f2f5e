import WeirPrometheus

/// A group of targets as configurations, file_sd files and http_sd answers have it.
struct StaticConfig: Decodable, Sendable, Hashable {
    var targets: [String]
    var labels: [String: String]

    enum CodingKeys: String, CodingKey { case targets, labels }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        targets = try container.value(.targets, or: [])
        labels = try container.value(.labels, or: [:])
    }
}
