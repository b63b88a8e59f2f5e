import Synchronization
package import WeirConfig

extension Runtime {
    /// Components that reloads took out, and that are still ending what they have begun.
    package var leaving: [String] { state.withLock { $0.retirements.flatMap(\.keys) } }

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
        let deadline = services.time.monotonicNano + waitNano
        while let retirement, !retirement.hasEnded, services.state.phase == .running,
            services.time.monotonicNano < deadline
        {
            QueueDrain.pause()
        }
        return plan
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
        if plan.isEmpty { return (plan, nil) }
        let inheritance = Assembly.Inheritance(
            reload: plan, graph: old, sink: { self.sinkNode($0) },
            counters: { self.books.counters(of: $0) })
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
            retire(assembly.made, of: assembly.graph)
            throw error
        }
        let former = assembly.rewiring.apply()
        for index in assembly.made {
            guard let target = assembly.graph.members[index].target,
                let node = assembly.graph.members[index].consumer as? SinkNode,
                node.target !== target
            else { continue }
            node.replace(with: target)
        }
        state.withLock { $0.graph = assembly.graph }
        return (plan, retire(outgoing, of: old, former))
    }

    /// Ends members of a graph, in the background.
    @discardableResult
    private func retire(
        _ members: [Int], of graph: Graph, _ former: FormerWirings? = nil
    ) -> Retirement {
        let retirement = state.withLock { state in
            state.retirements.removeAll(where: \.hasEnded)
            let retirement = Retirement(
                members, of: graph, former: former, after: state.retirements, services: services)
            state.retirements.append(retirement)
            return retirement
        }
        retirement.start()
        return retirement
    }

    /// The node of a sink that is there, or on its way out.
    private func sinkNode(_ key: String) -> SinkNode? {
        allSinks.first { $0.instance.key == key }
    }
}
