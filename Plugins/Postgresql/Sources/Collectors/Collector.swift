/// Metrics that can be switched on and off by one name.
package struct Collector: Sendable {
    /// Where it looks.
    package enum Scope: Sendable {
        /// Once on each server: the view shows all databases.
        case server
        /// In each database that is watched.
        case database
    }

    package var name: String
    package var summary: String
    package var scope: Scope
    /// A query that gives true where the rest can be asked for, such as with an extension.
    package var condition: String?
    package var sources: [Source]
    /// Reads `pg_settings`, whose rows are metrics of their own names.
    package var readsSettings = false

    package init(
        _ name: String, _ summary: String, scope: Scope = .server, condition: String? = nil,
        _ sources: [Source]
    ) {
        self.name = name
        self.summary = summary
        self.scope = scope
        self.condition = condition
        self.sources = sources
    }

    /// Whether a version has anything of it.
    package func isThere(version: Int) -> Bool {
        readsSettings || sources.contains { $0.sql(version: version) != nil }
    }

    /// Asks a database.
    package func collect(
        _ connection: Connection, _ limit: inout TimeLimit
    ) throws(PostgresError) -> [Point] {
        let version = connection.version
        if let condition, try connection.query(condition, &limit).first != "t" { return [] }
        if readsSettings {
            return try ServerSetting.points(connection.query(ServerSetting.sql, &limit))
        }
        var points: [Point] = []
        for source in sources {
            guard let sql = source.sql(version: version) else { continue }
            points += try source.points(connection.query(sql, &limit), version: version)
        }
        return points
    }
}
