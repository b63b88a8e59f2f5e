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
    /// What has to be there, such as an extension.
    package struct Condition: Sendable {
        /// In place of an SQLSTATE.
        static let notMet = "condition"
        /// Gives the major version of PostgreSQL whose columns the rest has, and no row where it cannot
        /// be asked for. An extension has the columns of the server that it was made in, until
        /// somebody updates it.
        package var sql: String
        /// What to do where it does not.
        package var otherwise: String
    }

    package var condition: Condition?
    package var sources: [Source]
    /// Reads `pg_settings`, whose rows are metrics of their own names.
    package var readsSettings = false

    package init(
        _ name: String, _ summary: String, scope: Scope = .server, condition: Condition? = nil,
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
        var version = connection.version
        if let condition {
            guard let found = try connection.query(condition.sql, &limit).first,
                let found = Int(found)
            else {
                throw PostgresError(.statement, condition.otherwise, state: Condition.notMet)
            }
            version = found
        }
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
