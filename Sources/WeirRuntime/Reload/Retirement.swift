import Synchronization
import WeirConfig

/// Members that a reload took out of the graph: on a thread of their own they end what they have
/// begun, in the order in which items pass them, and are destroyed. It takes as long as it takes,
/// since nothing is to be lost by a reload, unless the process stops.
final class Retirement: Sendable {
    /// How long requests that an old receiver has taken get to be answered.
    private static let intakeLimit: UInt64 = 10_000_000_000
    /// How long deliveries that an old sink has begun get to be finished, before the one in its place
    /// makes them again.
    private static let deliveryLimit: UInt64 = 10_000_000_000
    /// Of one request to emit what is held.
    private static let drainRound: UInt64 = 1_000_000_000

    private enum Stage: Int {
        case emitting
        /// Nothing reaches what follows any more.
        case emitted
        case ended
    }

    private let services: HostServices
    private let graph: Graph
    private let indices: [Int]
    private let former: FormerWirings?
    /// Sinks whose queues have no bound as long as somebody may be on the old ways.
    private let unbounded: [SinkNode]
    /// What earlier reloads took out, which may feed what this one did.
    private let earlier: [Retirement]
    private let deadline = Atomic<UInt64>(.max)
    private let stage = Atomic<Int>(Stage.emitting.rawValue)

    init(
        _ indices: [Int], of graph: Graph, former: FormerWirings?, unbounded: [SinkNode],
        after earlier: [Retirement], services: HostServices
    ) {
        self.indices = indices
        self.graph = graph
        self.former = former
        self.unbounded = unbounded
        self.earlier = earlier
        self.services = services
    }

    var hasEmitted: Bool { stage.load(ordering: .acquiring) >= Stage.emitted.rawValue }
    var hasEnded: Bool { stage.load(ordering: .acquiring) == Stage.ended.rawValue }

    /// The nodes of sinks that are no longer in the graph, and have not ended, or not with all that
    /// they have: that is dropped, or kept on disk, when the process stops.
    var removedSinks: [SinkNode] {
        sinks.filter { node, target in
            node.target === target && (!hasEnded || !node.isEmpty && !node.isClosed)
        }.map(\.node)
    }

    /// What is still there: keys of components.
    var keys: [String] { hasEnded ? [] : indices.map { graph.members[$0].instance.key } }

    var components: [Runtime.Component] {
        if hasEnded { return [] }
        return indices.map { index in
            Runtime.Component(
                instance: graph.members[index].instance, type: graph.plan.nodes[index].type,
                pipelines: [], isLeaving: true)
        }
    }

    /// The process stops: there is time until then.
    func hurry(untilNano: UInt64) { deadline.store(untilNano, ordering: .releasing) }

    func start() {
        let thread = CollectorThread()
        if !thread.run({ self.run() }) { run() }
        thread.end()
    }

    private func run() {
        stopIntake()
        wait { former?.areUnused ?? true }
        for sink in unbounded { sink.restoreBound() }
        wait { earlier.allSatisfy(\.hasEmitted) }
        drainProcessors()
        stage.store(Stage.emitted.rawValue, ordering: .releasing)
        endSinks()
        for instance in instances([.extension]) { instance.stops(deadlineNano: soon) }
        for index in indices { graph.members[index].instance.ends() }
        stage.store(Stage.ended.rawValue, ordering: .releasing)
    }

    private func stopIntake() {
        let schedules = indices.compactMap { graph.members[$0].schedule }
        let limit = now + Self.intakeLimit
        for schedule in schedules { schedule.end() }
        for schedule in schedules { schedule.wait(untilNano: limit) }
        for instance in instances([.receiver, .exporter]) { instance.stops(deadlineNano: limit) }
    }

    private func drainProcessors() {
        let members = Set(indices)
        var rounds = DrainRounds(graph.plan, where: members.contains)
        while true {
            let isLast = isOver
            rounds.run(isLast: isLast) { graph.members[$0].instance.drains(deadlineNano: soon) }
            if isLast || rounds.isDone { break }
            QueueDrain.pause()
        }
        for instance in instances([.processor, .connector]) { instance.stops(deadlineNano: soon) }
    }

    /// Waits for what is under way, and, at a sink that is in the graph no more, for its queue. A sink
    /// that gathers before it sends is asked to send.
    private func endSinks() {
        let limit = now + Self.deliveryLimit
        var left = sinks
        while !left.isEmpty {
            left.removeAll { sink in
                let isReplaced = sink.node.target !== sink.target
                let isDone = isReplaced || sink.node.isEmpty || sink.node.isClosed
                let isIdle = sink.target.underWay == 0 && isDone
                let isLimited = isReplaced || sink.node.isClosed
                if isIdle || isOver || isLimited && now >= limit {
                    // Perhaps a reload is about to take it back into the graph, or just has.
                    guard isReplaced || isOver || sink.node.retire(sink.target) else {
                        return false
                    }
                    sink.target.instance.stops(deadlineNano: soon)
                    // Until the process stops there may be something to be kept.
                    if !isReplaced, !isOver { sink.node.finish() }
                    return true
                }
                if sink.target.underWay > 0 { _ = sink.target.instance.drains(deadlineNano: soon) }
                return false
            }
            if !left.isEmpty { QueueDrain.pause() }
        }
    }

    private var sinks: [(node: SinkNode, target: SinkTarget)] {
        indices.compactMap { index in
            let member = graph.members[index]
            guard let node = member.consumer as? SinkNode, let target = member.target else {
                return nil
            }
            return (node, target)
        }
    }

    /// Sources before what they feed.
    private func instances(_ kinds: Set<ComponentKind>) -> [ComponentInstance] {
        let members = Set(indices)
        return graph.order.filter {
            members.contains($0) && kinds.contains(graph.plan.nodes[$0].kind)
        }.map { graph.members[$0].instance }
    }

    private var now: UInt64 { services.time.monotonicNano }
    private var isOver: Bool { now >= deadline.load(ordering: .acquiring) }
    /// A deadline for a control call.
    private var soon: UInt64 { min(now + Self.drainRound, deadline.load(ordering: .acquiring)) }

    private func wait(until isTrue: () -> Bool) {
        while !isTrue(), !isOver { QueueDrain.pause() }
    }
}
