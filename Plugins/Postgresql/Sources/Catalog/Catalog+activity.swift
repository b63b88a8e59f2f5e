extension Catalog {
    static let statActivity = Collector(
        "stat_activity", "Connections by database and state.",
        [
            Source(
                labels: [("datname", "d.datname"), ("state", "s.state")],
                // Every database has every state, so that none comes and goes.
                from: """
                    FROM (VALUES ('active'), ('idle'), ('idle in transaction'), \
                    ('idle in transaction (aborted)'), ('fastpath function call'), ('disabled')) \
                    AS s(state) CROSS JOIN pg_database d LEFT JOIN (SELECT datname, state, \
                    count(*) AS count, max(extract(epoch FROM now() - xact_start)) AS longest \
                    FROM pg_stat_activity GROUP BY datname, state) a \
                    ON a.state = s.state AND a.datname = d.datname
                    """,
                metrics: [
                    Metric(
                        "pg_stat_activity_count", .gauge, "coalesce(a.count, 0)",
                        "Connections in this state"),
                    Metric(
                        "pg_stat_activity_max_tx_duration", .gauge, "coalesce(a.longest, 0)",
                        "Seconds that the oldest transaction in this state has taken"),
                ])
        ])

    static let locks = Collector(
        "locks", "Locks by database and mode.",
        [
            Source(
                labels: [("datname", "d.datname"), ("mode", "m.mode")],
                from: """
                    FROM (VALUES ('accesssharelock'), ('rowsharelock'), ('rowexclusivelock'), \
                    ('shareupdateexclusivelock'), ('sharelock'), ('sharerowexclusivelock'), \
                    ('exclusivelock'), ('accessexclusivelock'), ('sireadlock')) AS m(mode) \
                    CROSS JOIN pg_database d LEFT JOIN (SELECT database, lower(mode) AS mode, \
                    count(*) AS count FROM pg_locks WHERE database IS NOT NULL \
                    GROUP BY database, lower(mode)) l ON l.mode = m.mode AND l.database = d.oid
                    """,
                metrics: [
                    Metric("pg_locks_count", .gauge, "coalesce(l.count, 0)", "Number of locks")
                ])
        ])

    static let longRunningTransactions = Collector(
        "long_running_transactions", "Transactions that are open.",
        [
            Source(
                from: """
                    FROM pg_stat_activity WHERE state IS DISTINCT FROM 'idle' \
                    AND query NOT LIKE 'autovacuum:%' AND xact_start IS NOT NULL \
                    AND pid <> pg_backend_pid()
                    """,
                metrics: [
                    Metric(
                        "pg_long_running_transactions", .gauge, "count(*)",
                        "Transactions that are open"),
                    Metric(
                        "pg_long_running_transactions_oldest_timestamp_seconds", .gauge,
                        "coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)",
                        "How long the oldest of them has been open"),
                ])
        ])

    static let processIdle = Collector(
        "process_idle", "How long connections have been idle.",
        [
            Source(
                labels: [("state", "state"), ("application_name", "application_name")],
                from: """
                    FROM (SELECT state, application_name, \
                    extract(epoch FROM now() - state_change) AS age FROM pg_stat_activity \
                    WHERE state LIKE 'idle%' AND pid <> pg_backend_pid()) i GROUP BY 1, 2
                    """,
                histogram: HistogramMetric(
                    "pg_process_idle_seconds", "i.age", "How long connections have been idle",
                    bounds: [1, 2, 5, 15, 30, 60, 90, 120, 300]))
        ])

    static let autovacuum = Collector(
        "stat_activity_autovacuum", "Workers of autovacuum.",
        [
            Source(
                labels: [("datname", "datname"), ("relname", "split_part(query, '.', 2)")],
                from: """
                    FROM pg_stat_activity WHERE query LIKE 'autovacuum:%' \
                    AND xact_start IS NOT NULL GROUP BY 1, 2
                    """,
                metrics: [
                    Metric(
                        "pg_stat_activity_autovacuum_timestamp_seconds", .gauge,
                        "min(extract(epoch FROM xact_start))",
                        "When the worker began with the table, in seconds since 1970")
                ])
        ])

    static let progressVacuum = Collector(
        "stat_progress_vacuum", "Vacuums that run.",
        [
            Source(
                labels: vacuumed,
                from: "FROM pg_stat_progress_vacuum",
                metrics: [
                    vacuum("heap_blks", "heap_blks_total", "Blocks of the table"),
                    vacuum("heap_blks_scanned", "heap_blks_scanned", "Blocks that were scanned"),
                    vacuum("heap_blks_vacuumed", "heap_blks_vacuumed", "Blocks that were vacuumed"),
                    vacuum(
                        "index_vacuums", "index_vacuum_count", "Passes over the indexes so far"),
                    vacuum(
                        "max_dead_tuples", "max_dead_tuples",
                        "Dead rows that fit into memory until a pass is needed", .before(17)),
                    vacuum(
                        "num_dead_tuples", "num_dead_tuples",
                        "Dead rows since the last pass", .before(17)),
                    vacuum(
                        "max_dead_tuple_bytes", "max_dead_tuple_bytes",
                        "Bytes for dead rows that fit until a pass is needed", .since(17)),
                    vacuum(
                        "dead_tuple_bytes", "dead_tuple_bytes",
                        "Bytes of dead rows since the last pass", .since(17)),
                    vacuum(
                        "num_dead_item_ids", "num_dead_item_ids",
                        "Dead rows since the last pass", .since(17)),
                ]),
            Source(
                labels: vacuumed + [("phase", "p.phase")],
                from: """
                    FROM pg_stat_progress_vacuum v CROSS JOIN (VALUES ('initializing'), \
                    ('scanning heap'), ('vacuuming indexes'), ('vacuuming heap'), \
                    ('cleaning up indexes'), ('truncating heap'), ('performing final cleanup')) \
                    AS p(phase)
                    """,
                metrics: [
                    Metric(
                        "pg_stat_progress_vacuum_phase", .gauge, "v.phase = p.phase",
                        "1 for the phase in which the vacuum is")
                ]),
        ])

    /// Only tables of the database in which the session is have names.
    private static let vacuumed = [
        ("datname", "datname"),
        (
            "relname",
            "CASE WHEN datname = current_database() THEN relid::regclass::text ELSE relid::text END"
        ),
    ]

    private static func vacuum(
        _ name: String, _ column: String, _ help: String, _ versions: Versions = .all
    ) -> Metric {
        Metric("pg_stat_progress_vacuum_\(name)", .gauge, column, help, versions)
    }
}
