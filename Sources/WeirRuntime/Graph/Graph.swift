import WeirConfig
import WeirTelemetry

/// The instances of one plan: what runs. A value: a reload makes another that shares what it keeps.
struct Graph: Sendable {
    struct Member: Sendable {
        let instance: ComponentInstance
        /// Its place as a consumer, where it is one.
        let consumer: (any Consumer)?
        /// Of a sink, what its node delivers to.
        var target: SinkTarget?
        /// Of an exporter.
        var schedule: ExporterSchedule?
    }

    let plan: GraphPlan
    /// In the order of the plan's nodes.
    let members: [Member]
    /// The ways into pipelines that have a share of the memory, by their ids.
    let entrances: [String: PipelineEntrance]

    var instances: [ComponentInstance] { members.map(\.instance) }
    var sinks: [SinkNode] { members.compactMap { $0.consumer as? SinkNode } }

    /// Sources before what they feed; extensions, which serve the others, last.
    var order: [Int] {
        let isExtension = { plan.nodes[$0].kind == .extension }
        return plan.fromSources.filter { !isExtension($0) }
            + plan.nodes.indices.filter(isExtension)
    }

    func index(ofKey key: String) -> Int? { plan.nodes.firstIndex { $0.key == key } }

    /// What follows a node, by signal: what brings batches to pipelines hands them to each pipeline's
    /// entrance, where it has one.
    func consumers(behind index: Int) -> [[any Consumer]] {
        var consumers: [[any Consumer]] = Signal.allCases.map { _ in [] }
        let node = plan.nodes[index]
        guard node.kind != .processor else {
            for (signal, targets) in node.outputs {
                consumers[Int(Signal(signal).rawValue) - 1] = targets.compactMap {
                    members[$0].consumer
                }
            }
            return consumers
        }
        for pipeline in plan.pipelines where pipeline.sources.contains(index) {
            consumers[Int(Signal(pipeline.signal).rawValue) - 1] +=
                entrances[pipeline.id].map { [$0] }
                ?? pipeline.entries.compactMap { members[$0].consumer }
        }
        return consumers
    }
}
