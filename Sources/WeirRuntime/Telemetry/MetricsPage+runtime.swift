import CWeir
import WeirConfig
import WeirStorage
import WeirTelemetry

extension MetricsPage {
    /// Everything that the process knows of itself now.
    package init(_ runtime: Runtime, registry: PluginRegistry) {
        self.init()
        for instance in runtime.instances { add(instance) }
        for sink in runtime.sinks { add(sink) }
        let services = runtime.services
        add(.bufferBytes, [], Double(services.budget.used))
        add(.bufferLimit, [], Double(services.budget.limit))
        for (reason, count) in services.network.protocolMismatches.sorted(by: { $0.key < $1.key }) {
            add(.protocolMismatch, [reason], Double(count))
        }
        for error in registry.refused { add(.pluginLoadErrors, [error.code.rawValue], 1) }
        add(.buildInfo, [BuildInfo.version], 1)
        let uptime = services.state.uptimeNano(atNano: services.time.monotonicNano)
        add(.uptime, [], Double(uptime) / 1e9)
        addProcess(ProcessUsage.now())
    }

    private mutating func add(_ instance: ComponentInstance) {
        let counters = instance.counters
        add(.componentState, [instance.key, instance.plugin], Double(instance.reported.state))
        for signal in Signal.allCases where instance.carries(signal) {
            let name = signal.name
            let accepted = Double(counters.accepted[signal])
            let emitted = Double(counters.emitted[signal])
            switch instance.kind {
            case .receiver: add(.receiverAccepted, [instance.id, name], accepted)
            case .exporter: add(.exporterCollected, [instance.id, name], accepted)
            case .processor:
                let labels = [instance.id, instance.pipeline ?? "", name]
                add(.processorIncoming, labels, accepted)
                add(.processorOutgoing, labels, emitted)
            case .connector:
                add(.connectorIncoming, [instance.id, name], accepted)
                add(.connectorOutgoing, [instance.id, name], emitted)
            case .sink:
                add(.sinkAccepted, [instance.id, name], accepted)
                add(.sinkSent, [instance.id, name], Double(counters.sent[signal]))
            case .extension: break
            }
        }
        add(counters.refused, instance) { kind in
            switch kind {
            case .receiver: .receiverRefused
            case .exporter: .exporterRefused
            case .processor: .processorRefused
            case .sink: .sinkRefused
            case .connector, .extension: nil
            }
        }
        add(counters.dropped, instance) { kind in
            switch kind {
            case .processor: .processorDropped
            case .connector: .connectorDropped
            case .sink: .sinkDropped
            case .receiver, .exporter, .extension: nil
            }
        }
        add(counters.failed, instance) { $0 == .sink ? .sinkFailed : nil }
        for (reason, count) in instance.refusedRequests.sorted(by: { $0.key < $1.key })
        where instance.kind == .receiver {
            add(.receiverRefusedRequests, [instance.id, reason], Double(count))
        }
        for (reason, count) in instance.errors.sorted(by: { $0.key < $1.key })
        where instance.kind == .exporter {
            add(.exporterErrors, [instance.id, reason], Double(count))
        }
    }

    private mutating func add(
        _ counter: ReasonCounter, _ instance: ComponentInstance,
        family: (ComponentKind) -> MetricFamily?
    ) {
        guard let family = family(instance.kind) else { return }
        let all = counter.all.sorted {
            ($0.key.signal.rawValue, $0.key.reason) < ($1.key.signal.rawValue, $1.key.reason)
        }
        for (key, count) in all {
            var labels = [instance.id]
            if instance.kind == .processor { labels.append(instance.pipeline ?? "") }
            add(family, labels + [key.signal.name, key.reason], Double(count))
        }
    }

    private mutating func add(_ sink: SinkNode) {
        let id = sink.instance.id
        for signal in Signal.allCases where sink.instance.carries(signal) {
            add(.sinkQueueItems, [id, signal.name], Double(sink.load(signal).items))
        }
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
