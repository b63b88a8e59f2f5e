import CWeir
import WeirConfig
import WeirJSON
import WeirTelemetry

/// Turns a plan into instances that know what follows them.
struct Assembly {
    private(set) var instances: [ComponentInstance] = []
    private(set) var sinks: [SinkNode] = []
    private(set) var exporters: [ExporterSchedule] = []

    init(
        plan: GraphPlan, registry: PluginRegistry, services: HostServices,
        places: ConfigurationPlaces?
    ) throws(Runtime.Failure) {
        var reasons: [String] = []
        var faults: [ConfigurationPlaces.Fault] = []
        for node in plan.nodes {
            do throws(PluginLoadError) {
                instances.append(try Self.instance(node, registry, services))
            } catch {
                reasons.append("\(node.key): \(error)")
                faults.append(.init(node.kind, node.id, "\(error)", code: .unusablePlugin))
            }
        }
        guard reasons.isEmpty else {
            throw Runtime.Failure(
                reasons: reasons, diagnostics: places?.diagnostics(faults) ?? [])
        }

        services.storages.add(plan.storages.values, logger: services.logger)
        let required = plan.requiredNodes
        let consumers = plan.nodes.indices.map { index -> (any Consumer)? in
            let (node, instance) = (plan.nodes[index], instances[index])
            switch node.kind {
            case .processor, .connector: return ProcessorNode(instance, isRequired: required[index])
            case .sink:
                let sink = Self.sink(
                    instance, node.settings, registry.manifest(.sink, node.type)?.queue ?? false,
                    isRequired: required[index], plan.storages)
                sinks.append(sink)
                return sink
            case .receiver, .exporter, .extension: return nil
            }
        }
        for (index, node) in plan.nodes.enumerated() {
            for (signal, targets) in node.outputs {
                instances[index].wire(
                    Outputs(targets.compactMap { consumers[$0] }, time: services.time),
                    for: Signal(signal))
                for target in targets { instances[target].wire(feeding: Signal(signal)) }
            }
            if node.kind == .exporter {
                exporters.append(ExporterSchedule(instances[index], settings: node.settings))
            }
        }
        for (node, instance) in zip(plan.nodes, instances) {
            do throws(ComponentInstance.Failure) {
                try instance.create(settings: Array(node.settings.serialized().utf8))
            } catch {
                reasons.append("\(node.location): \(error)")
                faults.append(.init(node.kind, node.id, error.reason ?? error.description))
            }
        }
        guard reasons.isEmpty else {
            for instance in instances {
                do throws(ComponentInstance.Failure) {
                    try instance.destroy()
                } catch {
                    reasons.append(error.description)
                }
            }
            throw Runtime.Failure(
                reasons: reasons, isConfiguration: true,
                diagnostics: places?.diagnostics(faults) ?? [])
        }
    }

    private static func instance(
        _ node: GraphPlan.Node, _ registry: PluginRegistry, _ services: HostServices
    ) throws(PluginLoadError) -> ComponentInstance {
        let library = try registry.library(node.kind, node.type)
        guard let table = library.table(node.kind, node.type) else {
            throw PluginLoadError(
                .badTable, library.manifest.path, "lost the \(node.kind) \"\(node.type)\"")
        }
        return unsafe ComponentInstance(
            key: node.key, kind: node.kind, id: node.id, pipeline: node.pipeline,
            plugin: library.manifest.id, table: table.pointer, services: services,
            acknowledges: AcknowledgementMode(node.settings["ack"]))
    }

    private static func sink(
        _ instance: ComponentInstance, _ settings: JSONValue, _ queues: Bool, isRequired: Bool,
        _ storages: [String: FileStorage]
    ) -> SinkNode {
        guard queues else {
            var retry = RetryPolicy()
            retry.initialInterval = 1_000_000_000
            return SinkNode(
                instance, limits: .direct, retry: retry, timeout: 0, isRequired: isRequired,
                isolates: false)
        }
        return SinkNode(
            instance, limits: QueueLimits(settings["sending_queue"]),
            retry: RetryPolicy(settings["retry_on_failure"]),
            timeout: UInt64(clamping: settings["timeout"]?.integerValue ?? 5_000_000_000),
            isRequired: isRequired, deadLetters: DeadLetterFile(settings["dead_letter"]),
            storage: StorageLimits(settings["sending_queue"], storages))
    }
}

extension DeadLetterFile {
    /// From "weir:dead_letter", validated and with its defaults; `nil`: none is kept.
    convenience init?(_ settings: JSONValue?) {
        guard let path = settings?["path"]?.stringValue else { return nil }
        self.init(path: path, limit: Int(settings?["max_megabytes"]?.integerValue ?? 100) << 20)
    }
}

extension Signal {
    init(_ signal: WeirConfig.Signal) {
        switch signal {
        case .traces: self = .traces
        case .metrics: self = .metrics
        case .logs: self = .logs
        }
    }
}

extension AcknowledgementMode {
    init(_ setting: JSONValue?) {
        self = setting?.stringValue.flatMap(Self.init(rawValue:)) ?? .enqueued
    }
}

extension QueueLimits {
    /// From "weir:sending_queue", validated and with its defaults.
    init(_ settings: JSONValue?) {
        self.init()
        consumers = settings?["num_consumers"]?.integerValue.map { Int($0) } ?? consumers
        let isStored = settings?["storage"]?.stringValue != nil
        size = settings?["queue_size"]?.integerValue.map { Int($0) } ?? (isStored ? .max : size)
        sizer = settings?["sizer"]?.stringValue.flatMap(Sizer.init) ?? sizer
        maxBytes = settings?["max_bytes"]?.integerValue.map { Int($0) } ?? maxBytes
        overflow = settings?["overflow"]?.stringValue.flatMap(OverflowPolicy.init) ?? overflow
        if settings?["block_on_overflow"]?.boolValue == true, overflow == .reject {
            overflow = .block
        }
        blockTimeout =
            settings?["block_timeout"]?.integerValue.map { UInt64(clamping: $0) } ?? blockTimeout
        if settings?["enabled"]?.boolValue == false {
            (consumers, size, sizer) = (1, 1, .requests)
        }
    }
}

extension RetryPolicy {
    /// From "weir:retry_on_failure", validated and with its defaults.
    init(_ settings: JSONValue?) {
        self.init()
        func nano(_ key: String) -> UInt64? {
            settings?[key]?.integerValue.map { UInt64(clamping: $0) }
        }
        enabled = settings?["enabled"]?.boolValue ?? enabled
        initialInterval = nano("initial_interval") ?? initialInterval
        multiplier = settings?["multiplier"]?.doubleValue ?? multiplier
        randomizationFactor = settings?["randomization_factor"]?.doubleValue ?? randomizationFactor
        maxInterval = nano("max_interval") ?? maxInterval
        maxElapsedTime = nano("max_elapsed_time") ?? maxElapsedTime
    }
}

extension JSONValue {
    /// A number of either kind.
    var doubleValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}
