import WeirSDK

/// What every server of one exporter is asked, made once from the settings.
struct Plan: Sendable {
    var collectors: [Collector]
    var queries: [CustomQuery]
    /// Databases to watch beside the endpoint's own.
    var databases: [String]
    var discovers: Bool
    var included: Set<String>
    var excluded: Set<String>
    var maximumSessions: Int
    var statementTimeout: Duration?
    var hasServerLabel: Bool
    /// Whether the exporter's own metrics need the label `server`.
    var hasSeveralServers: Bool

    /// Whether it is a fault that the extension pg_stat_statements is not there.
    var needsStatements: Bool

    init(_ settings: PostgresqlSettings, _ targets: [Target]) throws(ComponentError) {
        collectors = try settings.enabledCollectors()
        queries = settings.queries
        var reserved: [String: String] = [:]
        for label in targets.flatMap(\.labels) {
            reserved[label.name] = "labels of the server"
        }
        if settings.serverLabel { reserved["server"] = "server_label" }
        var names: Set<String> = []
        var types: [String: (type: MetricType, query: String)] = [:]
        for query in queries {
            try query.check(reserved: reserved)
            guard names.insert(query.name).inserted else {
                throw .invalid(
                    "queries has the name '\(query.name)' twice; each query needs one of its own")
            }
            for metric in query.metrics {
                let type = metric.type ?? .gauge
                if let known = types[metric.name], known.type != type {
                    throw .invalid(
                        "queries: \(query.name) has the metric \(metric.name) as \(type), and "
                            + "\(known.query) has it as \(known.type); a metric has one type")
                }
                types[metric.name] = (type, query.name)
            }
        }
        databases = settings.databases
        discovers = settings.autoDiscoverDatabases
        included = Set(settings.includeDatabases)
        excluded = Set(settings.excludeDatabases)
        if !discovers, !included.isEmpty || !excluded.isEmpty {
            throw .invalid(
                "include_databases and exclude_databases choose among the databases that are "
                    + "found; set auto_discover_databases: true, or name them in databases")
        }
        maximumSessions = settings.maxConnections
        statementTimeout = settings.statementTimeout
        hasServerLabel = settings.serverLabel
        hasSeveralServers = targets.count > 1
        needsStatements = settings.collectors["stat_statements"] == true
    }

    /// The databases to watch, by what the server has.
    func watched(main: String, found: [String]) -> [String] {
        var result: [String] = []
        for name in [main] + databases + found where !result.contains(name) {
            let isChosen =
                !discovers
                || (included.isEmpty || included.contains(name)) && !excluded.contains(name)
            if isChosen || databases.contains(name) { result.append(name) }
        }
        return result
    }
}
