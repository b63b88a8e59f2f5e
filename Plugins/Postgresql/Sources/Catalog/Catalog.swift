/// The table of all collectors: what is asked for, of which versions, and what it is called.
///
/// Names, types and labels are those of postgres_exporter, of 0.11 and of later versions where
/// these have more; metrics that it does not have follow the same habit.
package enum Catalog {
    /// All collectors, in the order in which they run.
    package static func collectors(_ options: CatalogOptions = CatalogOptions()) -> [Collector] {
        [
            settings, database, statDatabase, statDatabaseConflicts, bgwriter, checkpointer,
            statArchiver, statActivity, locks, statReplication, replication, replicationSlots,
            walReceiver, wal, statWAL, postmaster, roles, databaseWraparound,
            longRunningTransactions, processIdle, autovacuum, progressVacuum,
            statStatements(options), userTables, userTablesIO, userIndexes, userIndexesIO,
        ]
    }

    /// Names of all collectors.
    package static var names: [String] { collectors().map(\.name) }
}

/// What a configuration changes in the statements.
package struct CatalogOptions: Sendable {
    /// How many statements `pg_stat_statements` is asked for at most.
    package var statementLimit = 100
    /// Characters of a statement's text in a label; 0: no text.
    package var statementLength = 0
    /// Whether `pg_stat_statements_mean_exec_time_seconds` is given.
    package var hasMeanAlias = true

    package init() {}
}
