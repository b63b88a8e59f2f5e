import WeirConfig

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

    var instances: [ComponentInstance] { members.map(\.instance) }
    var sinks: [SinkNode] { members.compactMap { $0.consumer as? SinkNode } }

    /// Sources before what they feed; extensions, which serve the others, last.
    var order: [Int] {
        let isExtension = { plan.nodes[$0].kind == .extension }
        return plan.fromSources.filter { !isExtension($0) }
            + plan.nodes.indices.filter(isExtension)
    }

    func index(ofKey key: String) -> Int? { plan.nodes.firstIndex { $0.key == key } }
}
