import Logging
import NIOPosix
package import WeirConfig

/// Makes the components of a configuration, and gives them back at once: what they have to say
/// against their settings without anything being opened or started.
package enum ConfigurationTrial {
    /// What is wrong, in the order of the sources; nothing where the configuration can be run.
    package static func run(
        _ configuration: Configuration, registry: PluginRegistry
    ) -> [Diagnostic] {
        var logger = Logger(label: "weir") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        let group = MultiThreadedEventLoopGroup.singleton
        let services = HostServices(
            time: SystemTime(group: group), group: group, blocking: .singleton,
            budget: MemoryBudget(limit: 1 << 30), logger: logger)
        do throws(Runtime.Failure) {
            let assembly = try Assembly(
                plan: GraphPlan(configuration), registry: registry, services: services,
                places: configuration.places)
            for instance in assembly.graph.instances.reversed() { try? instance.destroy() }
            return []
        } catch {
            return error.diagnostics
        }
    }
}
