package import WeirConfig
package import WeirJSON

/// What a configuration asks for, as a graph: which instances there are and what follows what. A
/// value: nothing is loaded or started yet.
package struct GraphPlan: Sendable {
    package struct Node: Sendable {
        /// Unique: "receiver otlp", "processor batch (traces/backend)".
        package let key: String
        package let kind: ComponentKind
        /// As in the plugin's metadata.
        package let type: String
        /// As in the configuration: "otlp" or "otlp/2".
        package let id: String
        /// For a processor: the pipeline that it belongs to.
        package let pipeline: String?
        package let settings: JSONValue
        /// Where the configuration defines it.
        package let location: SourcePosition
        /// What follows, by signal: indices into `nodes`.
        package fileprivate(set) var outputs: [WeirConfig.Signal: [Int]] = [:]
    }

    /// A pipeline's nodes: indices into `nodes`.
    package struct Pipeline: Sendable {
        /// "traces" or "traces/backend".
        package let id: String
        let signal: WeirConfig.Signal
        /// What it may hold of the memory; `nil`: as much as the process.
        let memory: PipelineMemory?
        package fileprivate(set) var nodes: [Int]
        /// Those of its nodes that bring batches to it.
        let sources: [Int]
        /// Those that get them first.
        let entries: [Int]
        /// Those of its nodes at which it ends.
        package fileprivate(set) var outputs: [Int]
    }

    package private(set) var nodes: [Node] = []
    package private(set) var pipelines: [Pipeline] = []
    /// The extensions that are the core's own, by id.
    package let storages: [String: FileStorage]

    /// Shared components are one node each, however many pipelines name them; a processor is a node
    /// in each of its pipelines. What no pipeline names is left out.
    ///
    /// - Precondition: the configuration was validated, so every name in it is known.
    package init(_ configuration: Configuration) {
        var shared: [Configuration.Reference: Int] = [:]
        storages = configuration.fileStorages
        for id in configuration.extensions where storages[id.description] == nil {
            add(configuration.component(.extension, id), pipeline: nil)
        }
        for component in configuration.components
        where component.isUsed && component.kind != .processor && component.kind != .extension {
            shared[.init(kind: component.kind, id: component.id)] = nodes.count
            add(component, pipeline: nil)
        }
        for pipeline in configuration.pipelines {
            let inputs = pipeline.inputs.compactMap { shared[$0] }
            let outputs = pipeline.outputs.compactMap { shared[$0] }
            let entries = pipeline.processors.isEmpty ? outputs : [nodes.count]
            var sources = inputs
            var members = sources
            for processor in pipeline.processors {
                for source in sources {
                    nodes[source].outputs[pipeline.id.signal, default: []].append(nodes.count)
                }
                sources = [nodes.count]
                members += sources
                add(
                    configuration.component(.processor, processor),
                    pipeline: pipeline.id.description)
            }
            pipelines.append(
                Pipeline(
                    id: pipeline.id.description, signal: pipeline.id.signal,
                    memory: pipeline.memory, nodes: members + outputs, sources: inputs,
                    entries: entries, outputs: outputs))
            for output in outputs {
                for source in sources {
                    nodes[source].outputs[pipeline.id.signal, default: []].append(output)
                }
            }
        }
    }

    private mutating func add(_ component: Configuration.Component?, pipeline: String?) {
        guard let component else {
            preconditionFailure("a name that validation let pass is unknown")
        }
        let place = pipeline.map { " (\($0))" } ?? ""
        nodes.append(
            Node(
                key: "\(component.kind.rawValue) \(component.id)\(place)", kind: component.kind,
                type: component.type, id: component.id.description, pipeline: pipeline,
                settings: component.settings, location: component.location))
    }

    /// The nodes so that each comes after all that feed it.
    package var fromSources: [Int] {
        var order: [Int] = []
        var seen = Set<Int>()
        func visit(_ index: Int) {
            guard seen.insert(index).inserted else { return }
            for next in nodes[index].outputs.values.joined() { visit(next) }
            order.append(index)
        }
        for index in nodes.indices { visit(index) }
        return order.reversed()
    }
}

extension GraphPlan {
    /// The limits of those pipelines that have one, by their ids.
    var memory: [String: PipelineMemory] {
        Dictionary(
            pipelines.compactMap { pipeline in pipeline.memory.map { (pipeline.id, $0) } },
            uniquingKeysWith: { $1 })
    }

    /// Whether what becomes of a batch at a node is of interest to its sender: by index, false for
    /// sinks with `required: false` and for what feeds no others.
    package var requiredNodes: [Bool] {
        var required = Array(repeating: true, count: nodes.count)
        for index in fromSources.reversed() {
            let node = nodes[index]
            switch node.kind {
            case .sink: required[index] = node.settings["required"]?.boolValue ?? true
            case .processor, .connector:
                required[index] = node.outputs.values.joined().contains { required[$0] }
            case .receiver, .exporter, .extension: break
            }
        }
        return required
    }
}
