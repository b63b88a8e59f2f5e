/// A pipeline as the document lists it.
struct PipelineDraft {
    /// One listed id that resolved.
    struct Member {
        var definition: Int
        var kind: ComponentKind
        var id: ComponentID
        var location: SourceLocation
        var path: String
    }

    var id: PipelineID
    var location: SourceLocation
    var path: String
    var inputs: [Member] = []
    var processors: [Member] = []
    var outputs: [Member] = []

    func pipeline(
        at position: SourcePosition, _ service: ServiceSettings
    ) -> Configuration.Pipeline {
        func references(_ members: [Member]) -> [Configuration.Reference] {
            members.map { Configuration.Reference(kind: $0.kind, id: $0.id) }
        }
        return Configuration.Pipeline(
            id: id, inputs: references(inputs), processors: processors.map(\.id),
            outputs: references(outputs), memory: service.memory(of: id), location: position)
    }
}

/// The lists of a pipeline, and what may stand in each.
struct PipelineRole {
    enum Place {
        case input
        case processor
        case output
    }

    var key: String
    var place: Place
    var kinds: [ComponentKind]

    static func roles(_ dialect: Dialect) -> [PipelineRole] {
        let receivers = PipelineRole(
            key: "receivers", place: .input, kinds: [.receiver, .connector])
        let processors = PipelineRole(key: "processors", place: .processor, kinds: [.processor])
        switch dialect {
        case .weir:
            return [
                receivers, PipelineRole(key: "exporters", place: .input, kinds: [.exporter]),
                processors,
                PipelineRole(key: "sinks", place: .output, kinds: [.sink, .connector]),
            ]
        case .collector:
            return [
                receivers, processors,
                PipelineRole(key: "exporters", place: .output, kinds: [.sink, .connector]),
            ]
        }
    }
}
