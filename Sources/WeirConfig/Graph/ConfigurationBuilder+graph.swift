extension ConfigurationBuilder {
    /// What can be said only once all pipelines are known.
    func checkGraph() {
        checkConnectors()
        checkCycles()
        guard !isIncomplete else { return }
        for definition in definitions where !definition.isUsed && definition.component != nil {
            if hasRejectedPipelines, definition.kind != .extension { continue }
            let name = dialect.name(of: definition.kind)
            collector.report(
                .unusedComponent, at: definition.location, path: definition.path,
                "the \(name) '\(definition.id)' is not used",
                suggestion: definition.kind == .extension
                    ? "list it under 'service.extensions', or remove it"
                    : "list it in a pipeline, or remove it")
        }
    }

    private func checkConnectors() {
        if isIncomplete { return }
        for index in definitions.indices where definitions[index].kind == .connector {
            let outputs = pipelines.flatMap(\.outputs).filter { $0.definition == index }
            let inputs = pipelines.flatMap(\.inputs).filter { $0.definition == index }
            let id = definitions[index].id
            let output = dialect == .weir ? "sinks" : "exporters"
            if let end = outputs.first, inputs.isEmpty {
                collector.report(
                    .halfConnected, at: end.location, path: end.path,
                    "the connector '\(id)' ends a pipeline, but starts none",
                    suggestion: "list it under 'receivers' of another pipeline")
            } else if let start = inputs.first, outputs.isEmpty {
                collector.report(
                    .halfConnected, at: start.location, path: start.path,
                    "the connector '\(id)' starts a pipeline, but ends none",
                    suggestion: "list it under '\(output)' of another pipeline")
            }
        }
    }

    /// Reports every circle of pipelines once, beginning with the one written first.
    private func checkCycles() {
        struct Edge {
            var target: Int
            var connector: PipelineDraft.Member
        }
        let edges = pipelines.map { pipeline in
            pipeline.outputs.filter { $0.kind == .connector }.flatMap { output in
                pipelines.indices.filter { index in
                    pipelines[index].inputs.contains { $0.definition == output.definition }
                }.map { Edge(target: $0, connector: output) }
            }
        }
        enum State { case new, open, done }
        var states = [State](repeating: .new, count: pipelines.count)
        // Pipelines on the way, each with the edge by which it is left.
        var way: [(pipeline: Int, next: Int)] = []
        for start in pipelines.indices where states[start] == .new {
            way = [(start, 0)]
            states[start] = .open
            while let (pipeline, next) = way.last {
                guard next < edges[pipeline].count else {
                    states[pipeline] = .done
                    way.removeLast()
                    continue
                }
                way[way.count - 1].next += 1
                let edge = edges[pipeline][next]
                switch states[edge.target] {
                case .new:
                    states[edge.target] = .open
                    way.append((edge.target, 0))
                case .done: break
                case .open:
                    guard let first = way.firstIndex(where: { $0.pipeline == edge.target }) else {
                        continue
                    }
                    let circle = way[first...].map { step in
                        let connector = edges[step.pipeline][step.next - 1].connector.id
                        return "\(pipelines[step.pipeline].id) -> [\(connector)]"
                    }
                    collector.report(
                        .cycle, at: edge.connector.location, path: edge.connector.path,
                        "the pipelines run in a circle",
                        found: circle.joined(separator: " -> ")
                            + " -> \(pipelines[edge.target].id)",
                        suggestion: "take one of the connectors out of one of the pipelines")
                }
            }
        }
    }
}
