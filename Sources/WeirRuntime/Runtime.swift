import Logging
package import WeirConfig
import WeirJSON
import WeirStorage

/// A running graph: the instances of one configuration, started, and stopped again without losing
/// what can still be delivered.
package final class Runtime: Sendable {
    package let services: HostServices
    package let plan: GraphPlan
    package let instances: [ComponentInstance]
    package let sinks: [SinkNode]
    private let exporters: [ExporterSchedule]

    /// Why the graph could not be made or started; one line for each component.
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
        plan = GraphPlan(configuration)
        let assembly = try Assembly(
            plan: plan, registry: registry, services: services, places: configuration.places)
        instances = assembly.instances
        sinks = assembly.sinks
        exporters = assembly.exporters
    }

    /// Starts what delivers first and what takes in last, so that nothing arrives too early. If one
    /// cannot start, those that had are stopped again.
    package func start() throws(Failure) {
        try openQueues()
        var started: [ComponentInstance] = []
        for instance in order.reversed() {
            let deadline = services.time.monotonicNano + UInt64(services.controlLimit)
            started.append(instance)
            do throws(ComponentInstance.Failure) {
                try instance.start(deadlineNano: deadline)
            } catch {
                for earlier in started.reversed() { stop(earlier, deadlineNano: deadline) }
                for sink in sinks { sink.finish() }
                throw Failure(reasons: [error.description])
            }
            // What an earlier process has left goes out before anything comes in.
            if instance.kind == .sink { sinks.first { $0.instance === instance }?.resume() }
        }
        for (place, exporter) in exporters.enumerated() {
            exporter.start(place: place, of: exporters.count)
        }
        services.state.enter(.running, atNano: services.time.monotonicNano)
    }

    /// Opens the queues that are on disk.
    private func openQueues() throws(Failure) {
        for sink in sinks {
            do throws(StorageError) {
                try sink.open()
            } catch {
                for other in sinks { other.finish() }
                throw Failure(reasons: ["\(sink.instance.key): \(error)"])
            }
        }
    }

    /// Sources before what they feed; extensions, which serve the others, last.
    private var order: [ComponentInstance] {
        let extensions = instances.filter { $0.kind == .extension }
        return plan.fromSources.map { instances[$0] }.filter { $0.kind != .extension } + extensions
    }
}

extension Runtime {
    /// Stops intake, lets processors emit what they hold and queues empty until the deadline, then
    /// stops the rest.
    ///
    /// - Parameter drainNano: how long all of it may take. Intake gets half: a client that sends
    ///   slowly must not take the time in which what was taken before is delivered.
    package func stop(drainNano: UInt64) {
        let now = services.time.monotonicNano
        services.state.enter(.draining, atNano: now)
        let (intake, deadline) = (now + drainNano / 2, now + drainNano)
        for exporter in exporters { exporter.end() }
        for exporter in exporters { exporter.wait(untilNano: intake) }
        for instance in order where instance.kind == .receiver || instance.kind == .exporter {
            stop(instance, deadlineNano: intake)
        }
        for sink in sinks { sink.hurry(untilNano: deadline) }
        drainProcessors(deadlineNano: deadline)
        // A sink that gathers before it sends has no reason to wait any longer.
        for instance in order where instance.kind == .sink {
            _ = drain(instance, deadlineNano: deadline)
        }
        QueueDrain.wait(sinks, untilNano: deadline, time: services.time)
        // What is left from here on is dropped: nobody is to be told that it was delivered.
        for instance in instances { instance.watches?.end() }
        for instance in order where instance.kind == .processor || instance.kind == .connector {
            stop(instance, deadlineNano: deadline)
        }
        for sink in sinks { sink.close() }
        for instance in order where instance.kind == .sink {
            while !drain(instance, deadlineNano: deadline) { QueueDrain.pause() }
            stop(instance, deadlineNano: deadline)
        }
        for instance in order where instance.kind == .extension {
            stop(instance, deadlineNano: deadline)
        }
        for instance in instances { destroy(instance) }
        for sink in sinks { sink.finish() }
        services.storages.close()
        services.state.enter(.stopped, atNano: services.time.monotonicNano)
    }

    /// Lets processors and connectors emit what they hold. What follows one of them may be full, and
    /// empty in a moment; the others go on meanwhile.
    private func drainProcessors(deadlineNano: UInt64) {
        var rounds = DrainRounds(plan)
        while true {
            let isLast = services.time.monotonicNano >= deadlineNano
            rounds.run(isLast: isLast) { drain(instances[$0], deadlineNano: deadlineNano) }
            if isLast || rounds.isDone { return }
            QueueDrain.pause()
        }
    }

    /// Lets a component emit what it holds. False: it is to be asked again.
    private func drain(_ instance: ComponentInstance, deadlineNano: UInt64) -> Bool {
        do throws(ComponentInstance.Failure) {
            try instance.drain(deadlineNano: deadlineNano)
        } catch {
            if error.mayRetry, services.time.monotonicNano < deadlineNano { return false }
            services.logger.error("\(error)")
        }
        return true
    }

    private func destroy(_ instance: ComponentInstance) {
        do throws(ComponentInstance.Failure) {
            try instance.destroy()
        } catch {
            services.logger.error("\(error)")
        }
    }

    private func stop(_ instance: ComponentInstance, deadlineNano: UInt64) {
        do throws(ComponentInstance.Failure) {
            try instance.stop(deadlineNano: deadlineNano)
        } catch {
            services.logger.error("\(error)")
        }
    }
}

extension UInt64 {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}
