extension PrometheusReader {
    /// Where metrics are served that nothing else becomes of.
    static let servedAt = "127.0.0.1:9464"

    /// Gives a document without remote write, and without sinks of its own, a sink from which the
    /// metrics can be fetched.
    ///
    /// - Returns: What was decided, for people.
    func complete(_ document: inout YAMLNode) -> [String] {
        var notes = ["\(name): " + scraped]
        notes += writes.map { "\(name): " + said(of: $0.id, $0.url, in: document) }
        let metrics = document["service"]?.node["pipelines"]?.node["metrics"]?.node
        let hasOutput = ["sinks", "exporters"].contains { !(metrics?[$0]?.node.isEmpty ?? true) }
        guard writes.isEmpty, !hasOutput else { return notes }
        let place = document.location
        let endpoint = YAMLEntry("endpoint", .text(Self.servedAt, at: place))
        let sink = YAMLEntry("prometheus", .mapping([endpoint], at: place))
        let list = YAMLNode(value: .sequence([.text("prometheus", at: place)]), location: place)
        let pipeline = YAMLEntry("metrics", .mapping([YAMLEntry("sinks", list)], at: place))
        let pipelines = YAMLEntry("pipelines", .mapping([pipeline], at: place))
        let fallback = YAMLNode.mapping(
            [
                YAMLEntry("sinks", .mapping([sink], at: place)),
                YAMLEntry("service", .mapping([pipelines], at: place)),
            ], at: place)
        document = mergeDocuments(fallback, document)
        let address = written(for: "prometheus", in: document) ?? Self.servedAt
        notes.append(
            "\(name): there is no remote_write, so what is scraped is served on "
                + (address == Self.servedAt
                    ? "http://\(address)/metrics; another sink or address: --config FILE"
                    : "\(address), path /metrics"))
        return notes
    }

    /// What becomes of a remote write, with the configuration that was laid over it.
    private func said(of id: ComponentID, _ url: String, in document: YAMLNode) -> String {
        let pipelines = document["service"]?.node["pipelines"]?.node.mapping ?? []
        let isUsed = pipelines.contains { pipeline in
            ["sinks", "exporters"].contains { key in
                (pipeline.node[key]?.node.sequence ?? []).contains {
                    $0.scalar?.text == id.description
                }
            }
        }
        guard isUsed else { return "'\(id)' sends nothing: the pipeline lists other sinks" }
        let url = written(for: id.description, in: document).map(maskingUserInfo) ?? url
        return "'\(id)' sends to \(url)"
    }

    private func written(for sink: String, in document: YAMLNode) -> String? {
        document["sinks"]?.node[sink]?.node["endpoint"]?.node.scalar?.text
    }

    private var scraped: String {
        let count = jobs.count
        if count == 0 { return "scrapes nothing" }
        return "scrapes \(count) job\(count == 1 ? "" : "s"): \(listedNames(jobs))"
    }

    private func listedNames(_ names: [String]) -> String {
        let shown = names.prefix(12).joined(separator: ", ")
        return names.count > 12 ? shown + ", …" : shown
    }
}
