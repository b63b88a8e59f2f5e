import Synchronization
package import WeirConfig
import WeirJSON

extension Runtime {
    /// Components that reloads took out, and that are still ending what they have begun.
    package var leaving: [String] { state.withLock { $0.retirements.flatMap(\.keys) } }

    /// The nodes of sinks that reloads took out, and that still have something to send.
    package var removedSinks: [SinkNode] {
        state.withLock { state in
            let present = Set(state.graph.sinks.map(\.instance.key))
            return state.retirements.flatMap(\.removedSinks)
                .filter { !present.contains($0.instance.key) }
        }
    }

    /// What a reload would do.
    package func planReload(_ configuration: Configuration) -> ReloadPlan {
        ReloadPlan(from: plan, to: GraphPlan(configuration))
    }

    /// Runs another configuration from now on. All that is new is made and started first; if
    /// anything of it fails, everything stays as it was. What nothing changed about goes on.
    ///
    /// It returns when the new configuration is in force. What was taken out may then still be ending
    /// what it has begun; nothing is given up for that before the process stops.
    ///
    /// - Parameter waitNano: how long to wait for the end of what was taken out.
    /// - Returns: what was done.
    package func reload(
        _ configuration: Configuration, registry: PluginRegistry, waitNano: UInt64
    ) throws(Failure) -> ReloadPlan {
        let result = changing.withLock { () -> Result<(ReloadPlan, Retirement?), Failure> in
            do throws(Failure) {
                return .success(try change(to: configuration, registry))
            } catch {
                return .failure(error)
            }
        }
        let (plan, retirement) = try result.get()
        if let retirement { wait(for: retirement, atMostNano: waitNano) }
        return plan
    }

    private func wait(for retirement: Retirement, atMostNano limit: UInt64) {
        let deadline = services.time.monotonicNano + limit
        while !retirement.hasEnded, services.state.phase == .running,
            services.time.monotonicNano < deadline
        {
            QueueDrain.pause()
        }
    }

    private func change(
        to configuration: Configuration, _ registry: PluginRegistry
    ) throws(Failure) -> (ReloadPlan, Retirement?) {
        guard services.state.phase == .running else {
            throw Failure(reasons: ["weir is not running: it starts, drains or has stopped"])
        }
        let old = graph
        let next = GraphPlan(configuration)
        let plan = ReloadPlan(from: old.plan, to: next)
        try checkStorages(from: old.plan, to: next, configuration.places)
        if plan.isEmpty { return (plan, nil) }
        let inheritance = Assembly.Inheritance(
            reload: plan, graph: old, sink: { self.claimSink($0) },
            counters: { self.books.counters(of: $0) })
        defer { for sink in allSinks { sink.unclaim() } }
        let assembly = try Assembly(
            plan: next, registry: registry, services: services, places: configuration.places,
            inheriting: inheritance)
        let outgoing = old.members.indices.filter { index in
            let key = old.plan.nodes[index].key
            return !next.nodes.contains { $0.key == key } || plan.keys(.restarted).contains(key)
        }
        for index in outgoing { old.members[index].instance.isLeaving = true }
        do throws(Failure) {
            try start(assembly.graph, only: Set(assembly.made))
        } catch {
            for index in outgoing { old.members[index].instance.isLeaving = false }
            retireUnused(assembly)
            throw error
        }
        services.shares.apply(next.memory)
        let sinks = old.sinks
        for sink in sinks { sink.liftBound() }
        emitHeld(old)
        let former = assembly.rewiring.apply()
        for index in assembly.made {
            guard let target = assembly.graph.members[index].target,
                let node = assembly.graph.members[index].consumer as? SinkNode,
                node.target !== target
            else { continue }
            node.replace(with: target)
        }
        state.withLock { $0.graph = assembly.graph }
        return (plan, retire(outgoing, of: old, former, unbounded: sinks))
    }

    /// What processors hold because sinks have no room goes into the queues of these, which have no bound
    /// for that: once the ways have changed, some of it would not get where it was to go.
    private func emitHeld(_ graph: Graph) {
        for index in graph.order {
            let kind = graph.plan.nodes[index].kind
            guard kind == .processor || kind == .connector else { continue }
            graph.members[index].instance.emitGuests()
        }
    }

    /// For how long the answer to a reload that failed waits for queues on disk to be closed.
    private static let queueLimit: UInt64 = 5_000_000_000

    /// Ends what was made for a reload that failed. Receivers of it may have taken something, for
    /// which its sinks in memory get their time as any that a reload takes out.
    private func retireUnused(_ assembly: Assembly) {
        var hasQueues = false
        for index in assembly.made {
            let member = assembly.graph.members[index]
            // The next attempt takes over its addresses and paths.
            member.instance.isLeaving = true
            guard let node = member.consumer as? SinkNode, node.target === member.target,
                node.isDurable
            else { continue }
            hasQueues = true
            // What it has found on disk stays there.
            node.close()
        }
        let retirement = retire(assembly.made, of: assembly.graph)
        // The next attempt opens the same queues.
        if hasQueues { wait(for: retirement, atMostNano: Self.queueLimit) }
    }

    /// Ends members of a graph, in the background.
    @discardableResult
    private func retire(
        _ members: [Int], of graph: Graph, _ former: FormerWirings? = nil,
        unbounded sinks: [SinkNode] = []
    ) -> Retirement {
        let retirement = state.withLock { state in
            state.retirements.removeAll(where: \.hasEnded)
            let retirement = Retirement(
                members, of: graph, former: former, unbounded: sinks, after: state.retirements,
                services: services)
            state.retirements.append(retirement)
            return retirement
        }
        retirement.start()
        return retirement
    }

    /// The node of a sink that is there, or on its way out.
    private func claimSink(_ key: String) -> SinkNode? {
        allSinks.first { $0.instance.key == key && $0.claim() }
    }

    /// A queue on disk is opened once, with what it was told then: neither its folder nor its limits
    /// change while batches go in and out.
    private func checkStorages(
        from old: GraphPlan, to new: GraphPlan, _ places: ConfigurationPlaces?
    ) throws(Failure) {
        var faults: [ConfigurationPlaces.Fault] = []
        for (id, storage) in new.storages.sorted(by: { $0.key < $1.key }) {
            guard let before = old.storages[id], before != storage else { continue }
            faults.append(
                .init(
                    .extension, id,
                    "what it says of the disk is in use and cannot change while weir runs "
                        + "(directory \(before.directory) before): put it back, or restart weir"))
        }
        for node in new.nodes where node.kind == .sink {
            let wanted = StorageLimits(node.settings["sending_queue"], new.storages)
            guard let sink = allSinks.first(where: { $0.instance.key == node.key }),
                sink.storage?.limits != wanted, faults.isEmpty
            else { continue }
            faults.append(
                .init(
                    .sink, node.id,
                    "sending_queue: its queue \(sink.isDurable ? "is" : "is not") on disk, and "
                        + "storage, max_disk_bytes, max_age, max_bytes and overflow: spill of such "
                        + "a queue cannot change while weir runs: put them back, or restart weir"))
        }
        guard !faults.isEmpty else { return }
        throw Failure(
            reasons: faults.map { "\($0.kind.rawValue) \($0.id): \($0.message)" },
            isConfiguration: true, diagnostics: places?.diagnostics(faults) ?? [])
    }
}
