import Synchronization
package import WeirConfig
import WeirJSON
import WeirStorage

/// A running graph: the instances of one configuration, started, changed by reloads, and stopped
/// again without losing what can still be delivered.
package final class Runtime: Sendable {
    package let services: HostServices
    let state: Mutex<State>
    /// Held while the graph changes: one reload at a time, and none beside the stop.
    let changing = RecursiveLock()
    let books: NodeBooks

    struct State {
        var graph: Graph
        /// What reloads took out and has not ended yet, the oldest first.
        var retirements: [Retirement] = []
    }

    /// Why the graph could not be made, started or changed; one line for each component.
    package struct Failure: Error, Sendable, CustomStringConvertible {
        package let reasons: [String]
        /// Whether components refused their settings, rather than the world them.
        package var isConfiguration = false
        /// The same, at the places in the configuration of which components speak.
        package var diagnostics: [Diagnostic] = []
        package var description: String { reasons.joined(separator: "\n") }
    }

    /// Loads the plugins that the configuration needs, makes the instances and wires them.
    package init(
        _ configuration: Configuration, registry: PluginRegistry, services: HostServices
    ) throws(Failure) {
        self.services = services
        let books = NodeBooks()
        let assembly = try Assembly(
            plan: GraphPlan(configuration), registry: registry, services: services,
            places: configuration.places,
            inheriting: Assembly.Inheritance(counters: { books.counters(of: $0) }))
        self.books = books
        services.shares.apply(assembly.graph.plan.memory)
        state = Mutex(State(graph: assembly.graph))
    }

    /// What runs now.
    var graph: Graph { state.withLock { $0.graph } }
    package var plan: GraphPlan { graph.plan }
    package var instances: [ComponentInstance] { graph.instances }
    package var sinks: [SinkNode] { graph.sinks }

    /// Sinks out of which something may still come: those of the graph, and those that reloads took
    /// out.
    var allSinks: [SinkNode] {
        state.withLock { $0.graph.sinks + $0.retirements.flatMap(\.removedSinks) }
    }

    /// Starts what delivers first and what takes in last, so that nothing arrives too early. If one
    /// cannot start, those that had are stopped again.
    package func start() throws(Failure) {
        let graph = graph
        do throws(Failure) {
            try start(graph, only: Set(graph.members.indices))
        } catch {
            let deadline = services.time.monotonicNano + UInt64(services.controlLimit)
            for index in graph.order { graph.members[index].instance.stops(deadlineNano: deadline) }
            for sink in graph.sinks { sink.finish() }
            throw error
        }
        services.state.enter(.running, atNano: services.time.monotonicNano)
    }

    /// Starts some of the members. What had started when one could not has to be stopped.
    func start(_ graph: Graph, only members: Set<Int>) throws(Failure) {
        for index in members { try openFiles(graph.members[index]) }
        for index in graph.order.reversed() where members.contains(index) {
            let deadline = services.time.monotonicNano + UInt64(services.controlLimit)
            do throws(ComponentInstance.Failure) {
                try graph.members[index].instance.start(deadlineNano: deadline)
            } catch {
                throw Failure(reasons: [error.description])
            }
            // What an earlier process has left goes out before anything comes in.
            (graph.members[index].consumer as? SinkNode)?.resume()
        }
        let schedules = graph.members.indices.filter(members.contains).compactMap {
            graph.members[$0].schedule
        }
        for (place, schedule) in schedules.enumerated() {
            schedule.start(place: place, of: schedules.count)
        }
    }

    /// Opens the queue of a sink that is on disk, and looks whether it can keep what is refused.
    private func openFiles(_ member: Graph.Member) throws(Failure) {
        guard let sink = member.consumer as? SinkNode else { return }
        do throws(StorageError) {
            try member.target?.deadLetters?.prepare()
            try sink.open()
        } catch {
            throw Failure(reasons: ["\(member.instance.key): \(error)"])
        }
    }
}

extension UInt64 {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}
