import WeirConfig
import WeirJSON
import WeirRuntime

/// What a reload changes about the process itself.
struct ServiceChanges: Sendable, Equatable {
    /// Keys below `service` that are in force at once.
    private(set) var applied: [String] = []
    /// Keys below `service` that need a new process.
    private(set) var needRestart: [String] = []

    private static let alive = [
        "telemetry.logs.level", "telemetry.metrics", "shutdown", "plugins", "health", "memory",
    ]
    /// What the plan of the graph shows.
    private static let graph: Set = ["pipelines", "extensions"]

    init() {}

    init(from old: ServiceSettings, to new: ServiceSettings) {
        for path in old.settings.differences(from: new.settings)
        where !Self.graph.contains(String(path.prefix { $0 != "." })) {
            let isAlive = Self.alive.contains { path == $0 || path.hasPrefix($0 + ".") }
            if isAlive { applied.append(path) } else { needRestart.append(path) }
        }
    }

    var isEmpty: Bool { applied.isEmpty && needRestart.isEmpty }
}
