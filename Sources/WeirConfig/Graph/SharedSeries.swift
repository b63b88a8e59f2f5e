import WeirJSON

extension Configuration {
    /// Exporters of one type whose series would be the same in a sink of Prometheus', for people: no
    /// fault, since a relabelling store may still tell them apart.
    var sharedSeries: [String] {
        var notes: [String] = []
        var told: Set<Set<String>> = []
        for pipeline in pipelines where pipeline.id.signal == .metrics {
            let exporters = pipeline.inputs.filter { $0.kind == .exporter }.compactMap {
                component($0.kind, $0.id)
            }
            let sinks = pipeline.outputs.compactMap { component($0.kind, $0.id) }.filter {
                $0.kind == .sink && Self.sinksOfSeries.contains($0.type)
            }
            // A processor may label what passes it.
            guard let sink = sinks.first,
                pipeline.processors.allSatisfy({ Self.passesLabels.contains($0.type) })
            else { continue }
            for (index, first) in exporters.enumerated() {
                for second in exporters[(index + 1)...]
                where first.type == second.type && !Self.namedBySettings.contains(first.type)
                    && first.settings["labels"] == second.settings["labels"]
                    && told.insert(["\(first.id)", "\(second.id)"]).inserted
                {
                    notes.append(
                        "exporters.\(first.id) and exporters.\(second.id) give the sink "
                            + "\(sink.id) the same series, of which one overwrites the other: give "
                            + "each exporter labels of its own, as in labels: {server: first}")
                }
            }
        }
        return notes
    }

    private static let sinksOfSeries: Set = ["prometheus", "prometheusremotewrite"]
    private static let passesLabels: Set = ["batch", "memory_limiter"]
    /// Their settings say what their series are called.
    private static let namedBySettings: Set = ["probe", "certificates", "ffi"]
}
