extension PrometheusReader {
    /// Where metrics are served that nothing else becomes of.
    static let servedAt = "127.0.0.1:9464"

    /// Gives a document without remote write, and without sinks of its own, a sink from which the
    /// metrics can be fetched.
    ///
    /// - Returns: What was decided, for people.
    func complete(_ document: inout YAMLNode) -> [String] {
        var notes = ["\(name): " + scraped]
        for write in writes { notes.append("\(name): '\(write.id)' sends to \(write.url)") }
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
        notes.append(
            "\(name): there is no remote_write, so what is scraped is served on "
                + "http://\(Self.servedAt)/metrics; another sink or address: --config FILE")
        return notes
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
