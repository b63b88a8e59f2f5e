import Logging
import NIOPosix
import Synchronization
package import WeirConfig

/// Makes the components of a configuration, and gives them back at once: what they have to say
/// against their settings without anything being opened or started.
package enum ConfigurationTrial {
    /// What is wrong, in the order of the sources, and what components warn of; no error where the
    /// configuration can be run.
    package static func run(
        _ configuration: Configuration, registry: PluginRegistry
    ) -> [Diagnostic] {
        let doubts = Doubts()
        let logger = Logger(label: "weir") { _ in doubts }
        let group = MultiThreadedEventLoopGroup.singleton
        let services = HostServices(
            time: SystemTime(group: group), group: group, blocking: .singleton,
            budget: MemoryBudget(limit: 1 << 30), logger: logger)
        do throws(Runtime.Failure) {
            let assembly = try Assembly(
                plan: GraphPlan(configuration), registry: registry, services: services,
                places: configuration.places)
            let said = doubts.all
            for instance in assembly.graph.instances.reversed() { try? instance.destroy() }
            return configuration.places?.diagnostics(
                assembly.graph.instances.flatMap { instance in
                    said.filter { $0.component == instance.key }.map {
                        .init(instance.kind, instance.id, $0.message, code: .doubtedSettings)
                    }
                }) ?? []
        } catch {
            return error.diagnostics
        }
    }
}

/// The warnings that components log while they are made.
private struct Doubts: LogHandler {
    private final class List: Sendable {
        let lines = Mutex<[(component: String, message: String)]>([])
    }

    private let list = List()
    var logLevel = Logger.Level.warning
    var metadata = Logger.Metadata()

    var all: [(component: String, message: String)] { list.lines.withLock { $0 } }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard event.level >= logLevel, let component = metadata["component"] else { return }
        list.lines.withLock { $0.append(("\(component)", "\(event.message)")) }
    }
}
