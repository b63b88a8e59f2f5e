import WeirPrometheus

/// A group of targets as configurations, file_sd files and http_sd answers have it.
struct StaticConfig: Decodable, Sendable, Hashable {
    /// Each `host:port`, or a URL for what a probe is to look at.
    var targets: [String]
    var labels: [String: String]

    enum CodingKeys: String, CodingKey { case targets, labels }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        targets = try container.value(.targets, or: [PlainText]()).map(\.text)
        labels = try container.value(.labels, or: [String: PlainText]()).mapValues(\.text)
    }

    func group(source: String, adding more: Label? = nil) -> TargetGroup {
        var all = Labels(labels.map { Label($0.key, $0.value) })
        if let more { all[more.name] = more.value }
        return TargetGroup(
            source: source, targets: targets.map { Labels([Label("__address__", $0)]) },
            labels: all)
    }
}
