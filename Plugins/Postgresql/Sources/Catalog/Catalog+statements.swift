extension Catalog {
    /// The statements that took most time, of all databases.
    ///
    /// The view has several rows for one statement (called by itself and by a function; several
    /// without an id, for a user who may not see it): these are summed, since one series can have
    /// one value only.
    static func statStatements(_ options: CatalogOptions) -> Collector {
        var sources: [Source] = []
        for (versions, total, read, write) in shapes {
            sources.append(
                Source(
                    versions,
                    labels: [
                        ("user", "pg_get_userbyid(s.userid)"), ("datname", "d.datname"),
                        ("queryid", "coalesce(s.queryid::text, 'unknown')"),
                    ],
                    from: """
                        FROM pg_stat_statements(false) s JOIN pg_database d ON d.oid = s.dbid GROUP BY 1, 2, 3 \
                        ORDER BY sum(s.\(total)) DESC LIMIT \(options.statementLimit)
                        """,
                    metrics: statementMetrics(total, read, write, options)))
            if options.statementLength > 0 {
                sources.append(statementTexts(versions, total, options))
            }
        }
        return Collector(
            "stat_statements",
            "The statements that took most time; where the extension pg_stat_statements is there.",
            condition: Collector.Condition(
                sql: columnsVersion,
                otherwise:
                    "the extension pg_stat_statements is not in this database: CREATE EXTENSION "
                    + "pg_stat_statements there, with pg_stat_statements among the server's "
                    + "shared_preload_libraries, or set collectors.stat_statements: false"),
            sources)
    }

    /// By its columns: pg_upgrade keeps the extension as it was, and so do many services.
    private static let columnsVersion = """
        SELECT CASE WHEN 'shared_blk_read_time' = ANY (names) THEN 17 \
        WHEN 'total_exec_time' = ANY (names) THEN 13 ELSE 12 END \
        FROM (SELECT array_agg(attname::text) AS names FROM pg_attribute \
        WHERE attrelid = to_regclass('pg_stat_statements')) c WHERE names IS NOT NULL
        """

    /// Versions and their columns for times.
    private static let shapes: [(Versions, String, String, String)] = [
        (
            .before(13), "total_time", "blk_read_time",
            "blk_write_time"
        ),
        (
            Versions(first: 13, end: 17), "total_exec_time",
            "blk_read_time", "blk_write_time"
        ),
        (
            .since(17), "total_exec_time", "shared_blk_read_time",
            "shared_blk_write_time"
        ),
    ]

    private static func statementMetrics(
        _ total: String, _ read: String, _ write: String, _ options: CatalogOptions
    ) -> [Metric] {
        var metrics = [
            Metric(
                "pg_stat_statements_calls_total", .counter, "sum(s.calls)",
                "Times that the statement ran"),
            Metric(
                "pg_stat_statements_seconds_total", .counter, "sum(s.\(total)) / 1000",
                "Time that the statement took"),
            Metric(
                "pg_stat_statements_rows_total", .counter, "sum(s.rows)",
                "Rows that the statement returned or changed"),
            Metric(
                "pg_stat_statements_block_read_seconds_total", .counter, "sum(s.\(read)) / 1000",
                "Time spent reading blocks; 0 without track_io_timing"),
            Metric(
                "pg_stat_statements_block_write_seconds_total", .counter,
                "sum(s.\(write)) / 1000",
                "Time spent writing blocks; 0 without track_io_timing"),
        ]
        if options.hasMeanAlias {
            metrics.append(
                Metric(
                    "pg_stat_statements_mean_exec_time_seconds", .gauge,
                    "sum(s.\(total)) / nullif(sum(s.calls), 0) / 1000",
                    "Time that the statement takes on average"))
        }
        return metrics
    }

    private static func statementTexts(
        _ versions: Versions, _ total: String, _ options: CatalogOptions
    ) -> Source {
        Source(
            versions,
            labels: [
                ("queryid", "s.queryid::text"),
                ("query", "left(max(s.query), \(options.statementLength))"),
            ],
            from: """
                FROM pg_stat_statements(true) s WHERE s.queryid IS NOT NULL GROUP BY s.queryid \
                ORDER BY sum(s.\(total)) DESC LIMIT \(options.statementLimit)
                """,
            metrics: [
                Metric(
                    "pg_stat_statements_query_id", .counter, "1",
                    "The text of the statement with this id; always 1")
            ])
    }
}
