import CWeir
import WeirConfig
import WeirStorage
import WeirTelemetry

extension MetricsPage {
    /// Everything that the process knows of itself now.
    package init(_ runtime: Runtime, registry: PluginRegistry) {
        self.init()
        for instance in runtime.instances + runtime.removedInstances { add(instance) }
        for sink in runtime.sinks + runtime.removedSinks { add(sink) }
        let services = runtime.services
        add(.bufferBytes, [], Double(services.budget.used))
        add(.bufferLimit, [], Double(services.budget.limit))
        for share in services.shares.limited { add(share) }
        for (reason, count) in services.network.protocolMismatches.sorted(by: { $0.key < $1.key }) {
            add(.protocolMismatch, [reason], Double(count))
        }
        for error in registry.refused { add(.pluginLoadErrors, [error.code.rawValue], 1) }
        add(.eventLoopStalls, [], Double(services.network.stalls))
        add(services.reloads.current)
        add(.buildInfo, [BuildInfo.version], 1)
        let uptime = services.state.uptimeNano(atNano: services.time.monotonicNano)
        add(.uptime, [], Double(uptime) / 1e9)
        addProcess(ProcessUsage.now())
    }

    private mutating func add(_ instance: ComponentInstance) {
        let counters = instance.counters
        add(
            .componentState, [instance.key, instance.plugin], Double(instance.health.state.rawValue)
        )
        for signal in shownSignals(of: instance) {
            let name = signal.name
            let accepted = Double(counters.accepted[signal])
            switch instance.kind {
            case .receiver: add(.receiverAccepted, [instance.id, name], accepted)
            case .exporter: add(.exporterCollected, [instance.id, name], accepted)
            case .connector:
                add(.connectorIncoming, [instance.id, name], accepted)
                add(.connectorOutgoing, [instance.id, name], Double(counters.emitted[signal]))
            case .processor, .sink, .extension: break
            }
        }
        if instance.kind == .processor { addProcessor(instance, counters.processorSnapshot()) }
        add(counters.refused.all, instance) { kind in
            switch kind {
            case .receiver: .receiverRefused
            case .exporter: .exporterRefused
            case .processor: .processorRefused
            case .sink: .sinkRefused
            case .connector, .extension: nil
            }
        }
        add(counters.dropped.all, instance) { $0 == .connector ? .connectorDropped : nil }
        add(counters.failed.all, instance) { $0 == .sink ? .sinkFailed : nil }
        for (reason, count) in counters.refusedRequests.all.sorted(by: { $0.key < $1.key })
        where instance.kind == .receiver {
            add(.receiverRefusedRequests, [instance.id, reason], Double(count))
        }
        for (reason, count) in counters.refusedConnections.all.sorted(by: { $0.key < $1.key })
        where instance.kind == .receiver {
            add(.receiverRefusedConnections, [instance.id, reason], Double(count))
        }
        for (reason, count) in counters.errors.all.sorted(by: { $0.key < $1.key })
        where instance.kind == .exporter {
            add(.exporterErrors, [instance.id, reason], Double(count))
        }
    }

    /// Those that a pipeline brings or takes, and those that one has brought before a reload.
    private func shownSignals(of instance: ComponentInstance) -> [Signal] {
        Signal.allCases.filter {
            instance.carries($0) || instance.counters.accepted[$0] > 0
        }
    }

    private mutating func addProcessor(_ instance: ComponentInstance, _ items: ItemSnapshot) {
        for signal in shownSignals(of: instance) {
            let labels = [instance.id, instance.pipeline ?? "", signal.name]
            add(.processorIncoming, labels, Double(items.accepted[signal] ?? 0))
            add(.processorOutgoing, labels, Double(items.passed[signal] ?? 0))
            add(.processorHeld, labels, Double(items.held[signal] ?? 0))
        }
        add(items.dropped, instance) { _ in .processorDropped }
    }

    private mutating func add(
        _ counts: [ReasonCounter.Key: Int], _ instance: ComponentInstance,
        family: (ComponentKind) -> MetricFamily?
    ) {
        guard let family = family(instance.kind) else { return }
        let all = counts.sorted {
            ($0.key.signal.rawValue, $0.key.reason) < ($1.key.signal.rawValue, $1.key.reason)
        }
        for (key, count) in all {
            var labels = [instance.id]
            if instance.kind == .processor { labels.append(instance.pipeline ?? "") }
            add(family, labels + [key.signal.name, key.reason], Double(count))
        }
    }

    private mutating func add(_ share: PipelineShare) {
        add(.pipelineMemory, [share.pipeline], Double(share.used))
        add(.pipelineMemoryLimit, [share.pipeline], Double(share.limit ?? 0))
        let refused = Signal.allCases.reduce(0) { $0 + share.refused[$1] }
        add(.pipelineRefused, [share.pipeline, PipelineShare.reason], Double(refused))
    }

    private mutating func add(_ reloads: ReloadRecord.Values) {
        add(.reloadSuccessful, [], reloads.wasSuccessful ? 1 : 0)
        add(.reloadTime, [], Double(reloads.lastSuccessUnixNano) / 1e9)
        for result in ReloadRecord.Result.allCases {
            add(.reloads, [result.rawValue], Double(reloads.counts[result] ?? 0))
        }
    }

    private mutating func add(_ sink: SinkNode) {
        let id = sink.instance.id
        let items = sink.snapshot()
        for signal in shownSignals(of: sink.instance) {
            let labels = [id, signal.name]
            add(.sinkAccepted, labels, Double(items.accepted[signal] ?? 0))
            add(.sinkSent, labels, Double(items.passed[signal] ?? 0))
            add(.sinkQueueItems, labels, Double(items.held[signal] ?? 0))
        }
        add(items.dropped, sink.instance) { _ in .sinkDropped }
        let load = sink.load
        add(.sinkQueueRequests, [id], Double(load.requests))
        add(.sinkQueueBytes, [id], Double(load.bytes))
        if sink.limits.size < .max {
            add(.sinkQueueLimit, [id, sink.limits.sizer.rawValue], Double(sink.limits.size))
        }
        guard let queue = sink.durableQueue else { return }
        let statistics = queue.statistics
        add(.sinkDiskBytes, [id], Double(queue.usage.diskBytes))
        add(.sinkDiskWritten, [id], Double(statistics.appendedBytes))
        add(.sinkDiskSyncs, [id], Double(statistics.syncs))
        add(.sinkDiskFailures, [id], Double(statistics.failed))
        add(.sinkDiskDamaged, [id], Double(statistics.damagedRecords))
    }

    mutating func addProcess(_ usage: ProcessUsage) {
        add(.cpuSeconds, [], usage.cpuSeconds)
        add(.residentMemory, [], Double(usage.residentBytes))
        add(.virtualMemory, [], Double(usage.virtualBytes))
        add(.startTime, [], usage.startedUnixSeconds)
        add(.openFiles, [], Double(usage.openFiles))
        add(.maxFiles, [], Double(usage.maxFiles))
    }
}
