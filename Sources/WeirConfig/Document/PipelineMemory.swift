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
