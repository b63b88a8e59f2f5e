package import WeirJSON

/// The `service` section without its pipelines.
package struct ServiceSettings: Sendable {
    package enum MetricsLevel: String, Sendable, CaseIterable {
        case none
        case basic
        case normal
        case detailed
    }

    package var logLevel: String
    package var logEncoding: String
    package var metricsLevel: MetricsLevel
    /// Where Weir's own metrics are served; `nil` where the level is `none`.
    package var metricsAddress: String?
    /// Attributes of Weir's own telemetry.
    package var resource: [JSONMember]
    /// How long a stop waits for queues to empty, in nanoseconds.
    package var drainTimeout: Int64
    /// How long a pipeline may fail to deliver before the process is no longer ready, in nanoseconds.
    package var healthGrace: Int64
    /// What telemetry in flight may hold, in bytes; `nil`: by what the machine has.
    package var memoryLimit: Int?
    package var pluginPaths: [String]
    /// The section as validated, for keys that have no field here.
    package var settings: JSONValue
    package var printed: JSONValue

    init(_ value: SettingsValidator.Value) {
        let settings = value.settings
        let telemetry = settings["telemetry"]
        let logs = telemetry?["logs"]
        let metrics = telemetry?["metrics"]
        self.settings = settings
        printed = value.printed
        logLevel = logs?["level"]?.stringValue ?? "info"
        logEncoding = logs?["encoding"]?.stringValue ?? "console"
        metricsLevel = metrics?["level"]?.stringValue.flatMap(MetricsLevel.init) ?? .normal
        let address =
            Self.readerAddress(metrics?["readers"]) ?? metrics?["address"]?.stringValue
            ?? "127.0.0.1:8888"
        metricsAddress = metricsLevel == .none ? nil : address
        resource = telemetry?["resource"]?.objectValue ?? []
        drainTimeout = settings["shutdown"]?["drain_timeout"]?.integerValue ?? 5_000_000_000
        healthGrace = settings["health"]?["grace"]?.integerValue ?? 30_000_000_000
        memoryLimit = settings["memory"]?["limit"]?.integerValue.map { Int($0) }
        pluginPaths =
            settings["plugins"]?["path"]?.arrayValue?.compactMap(\.stringValue) ?? []
    }

    /// The Collector's newer form: `readers: [{pull: {exporter: {prometheus: {host, port}}}}]`.
    private static func readerAddress(_ readers: JSONValue?) -> String? {
        for reader in readers?.arrayValue ?? [] {
            guard let prometheus = reader["pull"]?["exporter"]?["prometheus"] else { continue }
            let host = prometheus["host"]?.stringValue ?? "127.0.0.1"
            let port = prometheus["port"]?.integerValue ?? 8888
            return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
        return nil
    }
}
