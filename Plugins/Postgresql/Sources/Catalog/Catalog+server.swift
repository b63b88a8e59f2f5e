extension Catalog {
    static let settings: Collector = {
        var collector = Collector(
            "settings", "Settings of the server that are numbers or truths.", [])
        collector.readsSettings = true
        return collector
    }()

    static let database = Collector(
        "database", "The size of each database.",
        [
            Source(
                labels: [("datname", "d.datname")],
                // Without these rights the function fails, and with it the whole statement.
                from: """
                    FROM pg_database d WHERE has_database_privilege(d.oid, 'CONNECT') \
                    OR pg_has_role('pg_read_all_stats', 'MEMBER')
                    """,
                metrics: [
                    Metric(
                        "pg_database_size_bytes", .gauge, "pg_database_size(d.oid)",
                        "Disk space used by the database")
                ]),
            Source(
                labels: [("datname", "datname")],
                from: "FROM pg_database",
                metrics: [
                    Metric(
                        "pg_database_connection_limit", .gauge, "datconnlimit",
                        "How many connections the database allows; -1: no limit")
                ]),
        ])

    static let postmaster = Collector(
        "postmaster", "When the server was started.",
        [
            Source(
                from: "",
                metrics: [
                    Metric(
                        "pg_postmaster_start_time_seconds", .gauge,
                        "extract(epoch FROM pg_postmaster_start_time())",
                        "When the server was started, in seconds since 1970")
                ])
        ])

    static let roles = Collector(
        "roles", "The limit of connections of each role.",
        [
            Source(
                labels: [("rolname", "rolname")],
                from: "FROM pg_roles WHERE rolcanlogin",
                metrics: [
                    Metric(
                        "pg_roles_connection_limit", .gauge, "rolconnlimit",
                        "How many connections the role may have; -1: no limit")
                ])
        ])

    static let databaseWraparound = Collector(
        "database_wraparound", "How far each database is from a wraparound of transaction ids.",
        [
            Source(
                labels: [("datname", "datname")],
                from: "FROM pg_database WHERE datallowconn",
                metrics: [
                    Metric(
                        "pg_database_wraparound_age_datfrozenxid_seconds", .gauge,
                        "age(datfrozenxid)",
                        "Transactions since the oldest one that is not frozen (no seconds, in spite of its name)"
                    ),
                    Metric(
                        "pg_database_wraparound_age_datminmxid_seconds", .gauge,
                        "mxid_age(datminmxid)",
                        "Multixacts since the oldest one that is still referred to (no seconds, in spite of its name)"
                    ),
                ])
        ])

    static let wal = Collector(
        "wal", "Segments of the write-ahead log. Needs the role pg_monitor.",
        [
            Source(
                from: "FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'",
                metrics: [
                    Metric(
                        "pg_wal_segments", .gauge, "count(*)", "Segments of the write-ahead log"),
                    Metric(
                        "pg_wal_size_bytes", .gauge, "coalesce(sum(size), 0)",
                        "Disk space used by the write-ahead log's segments"),
                ])
        ])

    static let statWAL = Collector(
        "stat_wal", "What was written to the write-ahead log.",
        [
            Source(
                .since(14),
                from: "FROM pg_stat_wal",
                metrics: [
                    Metric(
                        "pg_stat_wal_records_total", .counter, "wal_records",
                        "Records written to the write-ahead log"),
                    Metric(
                        "pg_stat_wal_fpi_total", .counter, "wal_fpi",
                        "Images of full pages written to the write-ahead log"),
                    Metric(
                        "pg_stat_wal_bytes_total", .counter, "wal_bytes",
                        "Bytes written to the write-ahead log"),
                    Metric(
                        "pg_stat_wal_buffers_full_total", .counter, "wal_buffers_full",
                        "Times that the log was written because its buffers were full"),
                ]
                    + walIO(
                        .init(first: 14, end: 18), "wal_write", "wal_sync", "wal_write_time",
                        "wal_sync_time")),
            // 18 moved them there, by kind of process and of work.
            Source(
                .since(18),
                from: "FROM pg_stat_io WHERE object = 'wal'",
                metrics: walIO(
                    .since(18), "sum(writes)", "sum(fsyncs)", "sum(write_time)", "sum(fsync_time)")),
        ])

    private static func walIO(
        _ versions: Versions, _ writes: String, _ syncs: String, _ writeTime: String,
        _ syncTime: String
    ) -> [Metric] {
        [
            Metric(
                "pg_stat_wal_write_total", .counter, writes,
                "Times that buffers of the log were written", versions),
            Metric(
                "pg_stat_wal_sync_total", .counter, syncs, "Times that the log was synced to disk",
                versions),
            Metric(
                "pg_stat_wal_write_time_seconds_total", .counter, "\(writeTime) / 1000",
                "Time spent writing the log; 0 without track_wal_io_timing", versions),
            Metric(
                "pg_stat_wal_sync_time_seconds_total", .counter, "\(syncTime) / 1000",
                "Time spent syncing the log; 0 without track_wal_io_timing", versions),
        ]
    }
}
