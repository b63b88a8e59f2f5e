import Synchronization
import WeirJSON

/// Whether the process takes telemetry and gets it out, as a whole or one pipeline of it.
package enum Readiness {
    package enum Answer: Sendable, Equatable {
        case ready
        /// And why, one line for each reason.
        case notReady([String])
        /// There is no such pipeline; those that there are.
        case unknownPipeline([String])
    }

    /// What readiness has to know of one member of a pipeline.
    package struct Member: Sendable {
        package let key: String
        package let state: ComponentHealth.State
        package let why: String
        package let failingNano: UInt64
        /// A sink that says `required: false` does not hold up what is sent here.
        package let isRequired: Bool
    }

    /// - Parameters:
    ///   - pipelines: With their members, in order.
    ///   - asked: One of them; `nil`: all.
    ///   - graceNano: How long a member may fail.
    package static func of(
        _ pipelines: [(id: String, members: [Member])], asked: String?, graceNano: UInt64
    ) -> Answer {
        if let asked, !pipelines.contains(where: { $0.id == asked }) {
            return .unknownPipeline(pipelines.map(\.id))
        }
        var reasons: [String] = []
        for pipeline in pipelines where asked == nil || pipeline.id == asked {
            for member in pipeline.members where member.isRequired && member.state.isError {
                guard member.failingNano >= graceNano || member.state == .permanent else {
                    continue
                }
                let seconds = member.failingNano / 1_000_000_000
                reasons.append(
                    "pipeline \(pipeline.id): \(member.key) has failed for \(seconds) s: "
                        + (member.why.isEmpty ? "it does not say why" : member.why))
            }
        }
        return reasons.isEmpty ? .ready : .notReady(reasons)
    }
}

extension Runtime {
    /// - Parameters:
    ///   - pipeline: "traces/backend"; `nil`: all pipelines.
    ///   - graceNano: How long one may fail to deliver.
    package func readiness(pipeline: String? = nil, graceNano: UInt64) -> Readiness.Answer {
        switch services.state.phase {
        case .starting: return .notReady(["Weir is starting."])
        case .draining, .stopped: return .notReady(["Weir is draining."])
        case .running: break
        }
        let graph = graph
        let now = services.time.monotonicNano
        let pipelines = graph.plan.pipelines.map { pipeline in
            (
                id: pipeline.id,
                members: pipeline.nodes.map { index -> Readiness.Member in
                    let (node, health) = (
                        graph.plan.nodes[index], graph.members[index].instance.health
                    )
                    return Readiness.Member(
                        key: node.key, state: health.state, why: health.why,
                        failingNano: now - min(now, health.sinceNano),
                        isRequired: node.settings["required"]?.boolValue != false)
                }
            )
        }
        return Readiness.of(pipelines, asked: pipeline, graceNano: graceNano)
    }

    /// A component that is there, with the pipelines that it belongs to.
    package struct Component: Sendable {
        package let instance: ComponentInstance
        package let type: String
        package let pipelines: [String]
        /// A reload took it out; it is ending what it has begun.
        package let isLeaving: Bool
    }

    package var components: [Component] {
        let (graph, retirements) = state.withLock { ($0.graph, $0.retirements) }
        let present = graph.members.indices.map { index in
            Component(
                instance: graph.members[index].instance, type: graph.plan.nodes[index].type,
                pipelines: graph.plan.pipelines.filter { $0.nodes.contains(index) }.map(\.id),
                isLeaving: false)
        }
        return present + retirements.flatMap(\.components)
    }

    /// What a reload took out and put nothing in the place of, as long as it has something to end.
    package var removedInstances: [ComponentInstance] {
        var known = Set(instances.map(\.key))
        return components.filter { $0.isLeaving && known.insert($0.instance.key).inserted }
            .map(\.instance)
    }
}
