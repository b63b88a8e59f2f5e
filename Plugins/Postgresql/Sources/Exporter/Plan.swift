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

    init(_ settings: PostgresqlSettings, servers: Int) throws(ComponentError) {
        collectors = try settings.enabledCollectors()
        queries = settings.queries
        for query in queries { try query.check() }
        if Set(queries.map(\.name)).count != queries.count {
            throw .invalid("queries has a name twice; each query needs one of its own")
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
        hasSeveralServers = servers > 1
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
