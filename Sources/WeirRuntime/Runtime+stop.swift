import Synchronization
import WeirConfig

extension Runtime {
    /// Stops intake and gets out what there is, and no more: stop() follows.
    ///
    /// - Returns: what is left, in items by the key of a sink.
    package func drain(withinNano drainNano: UInt64) -> [String: Int] {
        services.state.enter(.draining, atNano: services.time.monotonicNano)
        return changing.withLock {
            drain(graph, untilNano: services.time.monotonicNano + drainNano)
            return allSinks.reduce(into: [:]) { left, sink in
                if sink.load.items > 0 { left[sink.instance.key] = sink.load.items }
            }
        }
    }

    /// Stops intake, lets processors emit what they hold and queues empty until the deadline, then
    /// stops the rest.
    ///
    /// - Parameter drainNano: how long all of it may take. Intake gets half: a client that sends
    ///   slowly must not take the time in which what was taken before is delivered.
    package func stop(drainNano: UInt64) {
        // A reload that is under way sees it, and makes haste.
        services.state.enter(.draining, atNano: services.time.monotonicNano)
        changing.withLock {
            let graph = graph
            let deadline = services.time.monotonicNano + drainNano
            drain(graph, untilNano: deadline)
            end(graph, deadlineNano: deadline)
        }
        services.state.enter(.stopped, atNano: services.time.monotonicNano)
    }

    /// Takes in nothing more, and gets out what there is.
    private func drain(_ graph: Graph, untilNano deadline: UInt64) {
        let now = services.time.monotonicNano
        let intake = now + (deadline - min(now, deadline)) / 2
        let schedules = graph.members.compactMap(\.schedule)
        for exporter in schedules { exporter.end() }
        for exporter in schedules { exporter.wait(untilNano: intake) }
        for instance in instances(of: graph, [.receiver, .exporter]) {
            instance.stops(deadlineNano: intake)
        }
        let retirements = state.withLock { $0.retirements }
        for retirement in retirements { retirement.hurry(untilNano: deadline) }
        for sink in allSinks { sink.hurry(untilNano: deadline) }
        drainProcessors(graph, deadlineNano: deadline)
        // What reloads took out may still emit into what is here.
        while !retirements.allSatisfy(\.hasEmitted), services.time.monotonicNano < deadline {
            QueueDrain.pause()
        }
        // A sink that gathers before it sends has no reason to wait any longer.
        for instance in instances(of: graph, [.sink]) {
            _ = instance.drains(deadlineNano: deadline)
        }
        QueueDrain.wait(allSinks, untilNano: deadline, time: services.time)
    }

    private func end(_ graph: Graph, deadlineNano deadline: UInt64) {
        // What is left from here on is dropped: nobody is to be told that it was delivered.
        for instance in graph.instances { instance.watches?.end() }
        for instance in instances(of: graph, [.processor, .connector]) {
            instance.stops(deadlineNano: deadline)
        }
        let sinks = allSinks
        for sink in sinks { sink.close() }
        for instance in instances(of: graph, [.sink]) {
            while !instance.drains(deadlineNano: deadline) { QueueDrain.pause() }
            instance.stops(deadlineNano: deadline)
        }
        for instance in instances(of: graph, [.extension]) {
            instance.stops(deadlineNano: deadline)
        }
        for instance in graph.instances { instance.ends() }
        let retirements = state.withLock { $0.retirements }
        let limit = services.time.monotonicNano + UInt64(services.controlLimit)
        while !retirements.allSatisfy(\.hasEnded), services.time.monotonicNano < limit {
            QueueDrain.pause()
        }
        for sink in sinks { sink.finish() }
        services.storages.close()
    }

    private func instances(of graph: Graph, _ kinds: Set<ComponentKind>) -> [ComponentInstance] {
        graph.order.filter { kinds.contains(graph.plan.nodes[$0].kind) }.map {
            graph.members[$0].instance
        }
    }

    /// Lets processors and connectors emit what they hold. What follows one of them may be full, and
    /// empty in a moment; the others go on meanwhile.
    private func drainProcessors(_ graph: Graph, deadlineNano: UInt64) {
        var rounds = DrainRounds(graph.plan)
        while true {
            let isLast = services.time.monotonicNano >= deadlineNano
            rounds.run(isLast: isLast) {
                graph.members[$0].instance.drains(deadlineNano: deadlineNano)
            }
            if isLast || rounds.isDone { return }
            QueueDrain.pause()
        }
    }
}
