import WeirJSON

/// What one pipeline may hold of the process's memory: the lower of both.
package struct PipelineMemory: Sendable, Equatable {
    /// In bytes.
    package var limit: Int?
    /// Of what the process may hold.
    package var percentage: Int?

    package init(limit: Int? = nil, percentage: Int? = nil) {
        self.limit = limit
        self.percentage = percentage
    }
}

extension ServiceSettings {
    func memory(of pipeline: PipelineID) -> PipelineMemory? {
        let memory = settings["pipelines"]?[pipeline.description]?["memory"]
        let limit = memory?["limit"]?.integerValue.map { Int($0) }
        let percentage = memory?["limit_percentage"]?.integerValue.map { Int($0) }
        return limit == nil && percentage == nil
            ? nil : PipelineMemory(limit: limit, percentage: percentage)
    }
}

extension ConfigurationBuilder {
    /// A queue that may hold more than its pipeline never fills: senders are told to come back before,
    /// and `overflow` does nothing.
    func checkQueues(_ pipelines: YAMLEntry?, _ settings: ServiceSettings) {
        for draft in self.pipelines {
            guard let memory = settings.memory(of: draft.id) else { continue }
            let part = memory.percentage.flatMap { percentage in
                settings.memoryLimit.map { $0 / 100 * percentage }
            }
            guard let limit = [memory.limit, part].compactMap({ $0 }).min() else { continue }
            let key = limit == memory.limit ? "limit" : "limit_percentage"
            for output in draft.outputs where output.kind == .sink {
                let queue = definitions[output.definition].value?.settings["sending_queue"]
                guard let most = queue?["max_bytes"]?.integerValue, most > limit else { continue }
                let entry = pipelines?.node[draft.id.description]?.node["memory"]?.node[key]
                collector.report(
                    .worksAgainst, at: entry?.node.location ?? draft.location,
                    path: draft.path.appending(key: "memory").appending(key: key),
                    "the pipeline '\(draft.id)' may hold less than the queue of its sink "
                        + "'\(output.id)'",
                    found: "\(limit) bytes",
                    expected: "more than the \(most) bytes of sending_queue.max_bytes",
                    suggestion:
                        "the pipeline is full before the queue is, so that what is set for a "
                        + "full queue never comes: raise one, or lower the other")
            }
        }
    }

    /// A pipeline cannot hold more than the process, so somebody was mistaken in one of the two.
    func checkMemory(_ pipelines: YAMLEntry?, _ settings: ServiceSettings) {
        guard let whole = settings.memoryLimit else { return }
        for draft in self.pipelines {
            guard let limit = settings.memory(of: draft.id)?.limit, limit > whole else { continue }
            let entry = pipelines?.node[draft.id.description]?.node["memory"]?.node["limit"]
            collector.report(
                .outOfRange, at: entry?.node.location ?? draft.location,
                path: draft.path.appending(key: "memory").appending(key: "limit"),
                "the pipeline '\(draft.id)' may hold \(limit) bytes, more than the process",
                expected: "at most the \(whole) bytes of service.memory.limit")
        }
    }
}
