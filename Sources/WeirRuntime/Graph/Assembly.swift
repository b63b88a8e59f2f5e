import CWeir
import WeirConfig
import WeirJSON
import WeirTelemetry

/// Turns a plan into instances that know what follows them.
struct Assembly {
    /// What goes on as it is, and what is there already.
    struct Inheritance {
        var reload: ReloadPlan?
        var graph: Graph?
        /// The node of a sink that has one: with a queue, perhaps, from which something is delivered
        /// still.
        var sink: (String) -> SinkNode? = { _ in nil }
        /// The counters of a component that has been there before count on.
        var counters: (GraphPlan.Node) -> ComponentCounters = { _ in ComponentCounters() }
    }

    let graph: Graph
    /// Indices of the nodes whose instances are new.
    let made: [Int]
    /// What follows the instances that are kept. That of new ones is in place.
    let rewiring: Rewiring

    init(
        plan: GraphPlan, registry: PluginRegistry, services: HostServices,
        places: ConfigurationPlaces?, inheriting inheritance: Inheritance = Inheritance()
    ) throws(Runtime.Failure) {
        services.storages.add(plan.storages.values, logger: services.logger)
        var faults = Faults(places)
        var members: [Graph.Member] = []
        var made: [Int] = []
        let required = plan.requiredNodes
        for (index, node) in plan.nodes.enumerated() {
            if let reload = inheritance.reload, reload.fate(ofNode: index) == .kept,
                let before = reload.before[index], let member = inheritance.graph?.members[before]
            {
                members.append(member)
                continue
            }
            do throws(PluginLoadError) {
                let counters = inheritance.counters(node)
                let instance = try Self.instance(node, registry, services, counters)
                let queues = registry.manifest(node.kind, node.type)?.queue ?? false
                members.append(
                    Self.member(
                        instance, node, queues, inheritance, isRequired: required[index],
                        plan.storages))
                made.append(index)
            } catch {
                faults.add("\(node.key): \(error)", node, "\(error)", code: .unusablePlugin)
            }
        }
        try faults.check(isConfiguration: false)
        graph = Graph(
            plan: plan, members: members,
            entrances: PipelineEntrance.all(
                plan, members, after: inheritance.graph?.entrances ?? [:], services))
        self.made = made
        rewiring = Self.wire(graph, made: Set(made), required, services.time)
        for index in made {
            let node = plan.nodes[index]
            do throws(ComponentInstance.Failure) {
                try members[index].instance.create(settings: Array(node.settings.serialized().utf8))
            } catch {
                faults.add(
                    "\(node.location): \(error)", node, error.reason ?? error.description)
            }
        }
        guard !faults.isEmpty else { return }
        for index in made {
            do throws(ComponentInstance.Failure) {
                try members[index].instance.destroy()
            } catch {
                faults.reasons.append(error.description)
            }
        }
        try faults.check(isConfiguration: true)
    }

    private static func member(
        _ instance: ComponentInstance, _ node: GraphPlan.Node, _ queues: Bool,
        _ inheritance: Inheritance, isRequired: Bool, _ storages: [String: FileStorage]
    ) -> Graph.Member {
        switch node.kind {
        case .processor, .connector:
            return Graph.Member(
                instance: instance, consumer: ProcessorNode(instance, isRequired: isRequired))
        case .sink:
            let target = target(
                instance, node.settings, queues, isRequired: isRequired, storages)
            return Graph.Member(
                instance: instance, consumer: inheritance.sink(node.key) ?? SinkNode(target),
                target: target)
        case .exporter:
            return Graph.Member(
                instance: instance, consumer: nil,
                schedule: ExporterSchedule(instance, settings: node.settings))
        case .receiver, .extension: return Graph.Member(instance: instance, consumer: nil)
        }
    }

    /// Says what follows each new instance; the same for those that are kept, for later, where it is
    /// something else than before.
    private static func wire(
        _ graph: Graph, made: Set<Int>, _ required: [Bool], _ time: any HostTime
    ) -> Rewiring {
        let nodes = graph.plan.nodes
        var signals = Array(repeating: Set<Signal>(), count: nodes.count)
        for (index, node) in nodes.enumerated() {
            for (signal, targets) in node.outputs {
                signals[index].insert(Signal(signal))
                for target in targets { signals[target].insert(Signal(signal)) }
            }
        }
        var rewiring = Rewiring()
        for index in nodes.indices {
            let instance = graph.members[index].instance
            let consumers = graph.consumers(behind: index)
            let wiring = instance.wiring.withCurrent {
                $0.leading(to: consumers, signals[index], time)
            }
            if made.contains(index) {
                if let wiring { instance.wiring.begin(wiring) }
                continue
            }
            if let wiring { rewiring.add(instance, wiring) }
            if let processor = graph.members[index].consumer as? ProcessorNode {
                rewiring.add(processor, isRequired: required[index])
            }
        }
        return rewiring
    }

    private static func instance(
        _ node: GraphPlan.Node, _ registry: PluginRegistry, _ services: HostServices,
        _ counters: ComponentCounters
    ) throws(PluginLoadError) -> ComponentInstance {
        let library = try registry.library(node.kind, node.type)
        guard let table = library.table(node.kind, node.type) else {
            throw PluginLoadError(
                .badTable, library.manifest.path, "lost the \(node.kind) \"\(node.type)\"")
        }
        return unsafe ComponentInstance(
            key: node.key, kind: node.kind, id: node.id, pipeline: node.pipeline,
            plugin: library.manifest.id, table: table.pointer, services: services,
            counters: counters, acknowledges: AcknowledgementMode(node.settings["ack"]))
    }

    private static func target(
        _ instance: ComponentInstance, _ settings: JSONValue, _ queues: Bool, isRequired: Bool,
        _ storages: [String: FileStorage]
    ) -> SinkTarget {
        guard queues else {
            var retry = RetryPolicy()
            retry.initialInterval = 1_000_000_000
            return SinkTarget(
                instance, limits: .direct, retry: retry, timeout: 0, isRequired: isRequired,
                isolates: false)
        }
        return SinkTarget(
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

/// What stands against a plan, component by component.
private struct Faults {
    private let places: ConfigurationPlaces?
    private var faults: [ConfigurationPlaces.Fault] = []
    var reasons: [String] = []

    init(_ places: ConfigurationPlaces?) { self.places = places }

    var isEmpty: Bool { reasons.isEmpty }

    mutating func add(
        _ reason: String, _ node: GraphPlan.Node, _ message: String,
        code: DiagnosticCode = .refusedSettings
    ) {
        reasons.append(reason)
        faults.append(.init(node.kind, node.id, message, code: code))
    }

    func check(isConfiguration: Bool) throws(Runtime.Failure) {
        guard !isEmpty else { return }
        throw Runtime.Failure(
            reasons: reasons, isConfiguration: isConfiguration,
            diagnostics: places?.diagnostics(faults) ?? [])
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
