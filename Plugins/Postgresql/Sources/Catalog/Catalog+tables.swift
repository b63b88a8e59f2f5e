private let ofTable = [
    ("datname", "current_database()"), ("schemaname", "schemaname"), ("relname", "relname"),
]
private let ofIndex = ofTable + [("indexrelname", "indexrelname")]

extension Catalog {
    static let userTables = Collector(
        "stat_user_tables", "Use, rows, vacuums and size of each table.", scope: .database,
        [
            Source(
                labels: ofTable, from: "FROM pg_stat_user_tables",
                metrics: [
                    table("seq_scan", .counter, "Sequential scans"),
                    table("seq_tup_read", .counter, "Rows that sequential scans read"),
                    table("idx_scan", .counter, "Scans of its indexes"),
                    table("idx_tup_fetch", .counter, "Rows that scans of its indexes fetched"),
                    table("n_tup_ins", .counter, "Rows that were inserted"),
                    table("n_tup_upd", .counter, "Rows that were updated"),
                    table("n_tup_del", .counter, "Rows that were deleted"),
                    table(
                        "n_tup_hot_upd", .counter,
                        "Rows that were updated without a change in an index"),
                    table("n_live_tup", .gauge, "Rows, as estimated"),
                    table("n_dead_tup", .gauge, "Dead rows, as estimated"),
                    table(
                        "n_mod_since_analyze", .gauge,
                        "Rows that changed since it was analyzed, as estimated"),
                    time("last_vacuum", "When somebody vacuumed it"),
                    time("last_autovacuum", "When autovacuum vacuumed it"),
                    time("last_analyze", "When somebody analyzed it"),
                    time("last_autoanalyze", "When autovacuum analyzed it"),
                    table("vacuum_count", .counter, "Times that somebody vacuumed it"),
                    table("autovacuum_count", .counter, "Times that autovacuum vacuumed it"),
                    table("analyze_count", .counter, "Times that somebody analyzed it"),
                    table("autoanalyze_count", .counter, "Times that autovacuum analyzed it"),
                    table(
                        "index_size_bytes", .gauge, "Disk space used by its indexes",
                        sql: "pg_indexes_size(relid)"),
                    table(
                        "table_size_bytes", .gauge, "Disk space used by it, without indexes",
                        sql: "pg_table_size(relid)"),
                ])
        ])

    private static func table(
        _ name: String, _ type: MetricType, _ help: String, sql: String? = nil
    ) -> Metric {
        // A table without an index has NULL for its scans; one that was just dropped for its size.
        Metric("pg_stat_user_tables_\(name)", type, sql ?? name, help, null: .zero)
    }

    private static func time(_ name: String, _ help: String) -> Metric {
        table(
            name, .gauge, help + ", in seconds since 1970; 0: never",
            sql: "extract(epoch FROM \(name))")
    }

    static let userTablesIO = Collector(
        "statio_user_tables", "Blocks read and found in the cache for each table.",
        scope: .database,
        [
            Source(
                labels: ofTable, from: "FROM pg_statio_user_tables",
                metrics: [
                    ("heap", "the table"), ("idx", "its indexes"), ("toast", "its TOAST table"),
                    ("tidx", "its TOAST table's index"),
                ].flatMap { part, what in
                    [
                        Metric(
                            "pg_statio_user_tables_\(part)_blocks_read", .counter,
                            "\(part)_blks_read", "Blocks of \(what) that were read from disk",
                            null: .zero),
                        Metric(
                            "pg_statio_user_tables_\(part)_blocks_hit", .counter,
                            "\(part)_blks_hit", "Blocks of \(what) that were found in the cache",
                            null: .zero),
                    ]
                })
        ])

    static let userIndexes = Collector(
        "stat_user_indexes", "Use and size of each index.", scope: .database,
        [
            Source(
                labels: ofIndex, from: "FROM pg_stat_user_indexes",
                metrics: [
                    Metric(
                        "pg_stat_user_indexes_idx_scan_total", .counter, "idx_scan",
                        "Scans of the index", null: .zero),
                    Metric(
                        "pg_stat_user_indexes_idx_tup_read_total", .counter, "idx_tup_read",
                        "Entries that scans of the index returned", null: .zero),
                    Metric(
                        "pg_stat_user_indexes_idx_tup_fetch_total", .counter, "idx_tup_fetch",
                        "Rows of the table that scans of the index fetched", null: .zero),
                    Metric(
                        "pg_stat_user_indexes_size_bytes", .gauge,
                        "pg_relation_size(indexrelid)", "Disk space used by the index"),
                ])
        ])

    static let userIndexesIO = Collector(
        "statio_user_indexes", "Blocks read and found in the cache for each index.",
        scope: .database,
        [
            Source(
                labels: ofIndex, from: "FROM pg_statio_user_indexes",
                metrics: [
                    Metric(
                        "pg_statio_user_indexes_idx_blks_read_total", .counter, "idx_blks_read",
                        "Blocks of the index that were read from disk", null: .zero),
                    Metric(
                        "pg_statio_user_indexes_idx_blks_hit_total", .counter, "idx_blks_hit",
                        "Blocks of the index that were found in the cache", null: .zero),
                ])
        ])
}
