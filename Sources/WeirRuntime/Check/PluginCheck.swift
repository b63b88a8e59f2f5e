import CWeir
import CWeirSystem
import Logging
import NIOCore
import NIOPosix
import WeirConfig
import WeirJSON

/// The checks of `weir plugin check`. Each is run in a process of its own by the command, because
/// what is being checked may crash or hang.
package enum PluginCheck {
    package struct Failure: Error, Sendable, CustomStringConvertible {
        package let description: String
        init(_ description: String) { self.description = description }
    }

    /// One thing to try. `name` goes to the child on its command line.
    package struct Step: Sendable, Equatable {
        package let name: String
        package let what: String
    }

    private static let lifecycles: [(name: String, what: String)] = [
        ("create", "create, destroy"),
        ("start", "create, start, drain, stop, destroy"),
        ("stop-only", "create, stop without start, destroy"),
        ("stop-twice", "create, start, stop, stop, destroy"),
        ("garbage", "create with settings that no schema lets pass: an error, not a crash"),
        ("late", "a batch after stop: refused, not taken"),
    ]

    /// All checks of a plugin, from its metadata.
    package static func steps(_ manifest: PluginManifest) -> [Step] {
        var steps = [Step(name: "load", what: "loads, and its tables agree with its metadata")]
        for component in manifest.components {
            let takes: Set<ComponentKind> = [.processor, .connector, .sink]
            for lifecycle in lifecycles
            where lifecycle.name != "late" || takes.contains(component.kind) {
                steps.append(
                    Step(
                        name: "\(component.kind.rawValue)/\(component.type)/\(lifecycle.name)",
                        what: "\(component.kind.rawValue) \(component.type): \(lifecycle.what)"))
            }
        }
        return steps
    }

    /// Runs one check in this process.
    package static func run(_ step: String, _ manifest: PluginManifest) throws(Failure) {
        weir_crash_install()
        let library: PluginLibrary
        do throws(PluginLoadError) {
            library = try PluginLibrary.load(manifest)
        } catch {
            throw Failure(error.reason)
        }
        if step == "load" { return }
        let parts = step.split(separator: "/").map(String.init)
        guard parts.count == 3, let kind = ComponentKind(rawValue: parts[0]),
            let component = manifest.components.first(where: {
                $0.kind == kind && $0.type == parts[1]
            }), let table = library.table(kind, parts[1])
        else { throw Failure("there is no check \(step)") }
        try unsafe Trial(component, table.pointer, plugin: manifest.id).run(parts[2])
    }
}

/// One component in a host that has nothing else.
private struct Trial {
    private let component: PluginManifest.Component
    private let instance: ComponentInstance
    private let services: HostServices

    init(
        _ component: PluginManifest.Component, _ table: UnsafePointer<weir_component>,
        plugin: String
    ) {
        self.component = component
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let blocking = NIOThreadPool(numberOfThreads: 1)
        blocking.start()
        var logger = Logger(label: "check") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        services = HostServices(
            time: SystemTime(group: group), group: group, blocking: blocking,
            budget: MemoryBudget(limit: 1 << 30), logger: logger, controlLimit: .seconds(5))
        unsafe instance = ComponentInstance(
            key: "\(component.kind.rawValue) \(component.type)", kind: component.kind,
            id: component.type, pipeline: nil, plugin: plugin, table: table, services: services)
    }

    func run(_ lifecycle: String) throws(PluginCheck.Failure) {
        do throws(ComponentInstance.Failure) {
            switch lifecycle {
            case "garbage": try garbage()
            default:
                let settings = try settings()
                try instance.create(settings: settings)
                try after(lifecycle)
                try instance.destroy()
            }
        } catch {
            throw PluginCheck.Failure(error.description)
        }
    }

    private func settings() throws(ComponentInstance.Failure) -> [UInt8] {
        switch CheckSettings.make(component) {
        case .success(let settings): return settings.serializedBytes()
        case .failure(let failure): throw .init(description: failure.description)
        }
    }

    private func after(_ lifecycle: String) throws(ComponentInstance.Failure) {
        let deadline = services.time.monotonicNano + 3_000_000_000
        switch lifecycle {
        case "start":
            try instance.start(deadlineNano: deadline)
            try instance.drain(deadlineNano: deadline)
            try instance.stop(deadlineNano: deadline)
        case "stop-only": try instance.stop(deadlineNano: deadline)
        case "stop-twice":
            try instance.start(deadlineNano: deadline)
            try instance.stop(deadlineNano: deadline)
            try instance.stop(deadlineNano: deadline)
        case "late":
            try instance.start(deadlineNano: deadline)
            try instance.stop(deadlineNano: deadline)
            try late()
        default: break
        }
    }

    private func garbage() throws(ComponentInstance.Failure) {
        for text in ["", "{", "[]", "null", "7", #"{"endpoint":7,"timeout":{}}"#, "\u{0}\u{ff}"] {
            do throws(ComponentInstance.Failure) {
                try instance.create(settings: Array(text.utf8))
                // Lenient is allowed: what cannot be told from no settings may be taken as such.
                try instance.destroy()
            } catch {
                continue
            }
        }
    }

    private func late() throws(ComponentInstance.Failure) {
        let signal =
            WeirConfig.Signal.allCases.first(where: component.consumes.contains) ?? .traces
        let batch = HostBatch(signal: Signal(signal), items: 0, parts: [], owners: [])
        var error = weir_error.make()
        let consumer: any Consumer =
            component.kind == .sink
            ? SinkTrial(instance) : ProcessorNode(instance)
        let status = unsafe consumer.take(batch, error: &error)
        guard status != Status.ok else {
            throw .init(
                description: "took a batch after stop(): expected WEIR_CANCELLED from "
                    + (component.kind == .sink ? "deliver()" : "consume()"))
        }
    }
}

/// A sink without its queue.
private final class SinkTrial: Consumer {
    let isRequired = true
    private let instance: ComponentInstance
    init(_ instance: ComponentInstance) { self.instance = instance }

    func take(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
        var delivery = unsafe weir_delivery()
        unsafe delivery.size = unsafe UInt32(MemoryLayout<weir_delivery>.size)
        unsafe delivery.attempt = 1
        return unsafe instance.call { plugin in
            unsafe instance.table.pointee.deliver(plugin, batch.pointer, &delivery, error)
        } ?? Status.cancelled
    }

    func wouldTake(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
        Status.ok
    }

    func drop(_ batch: HostBatch, reason: String) {}
}
