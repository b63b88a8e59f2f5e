private let ofDatabase = [("datid", "datid::text"), ("datname", "datname")]

/// A column of `pg_stat_database` whose name is the metric's.
private func column(
    _ name: String, _ type: MetricType, _ help: String, _ versions: Versions = .all
) -> Metric {
    Metric("pg_stat_database_\(name)", type, name, help, versions, null: .notANumber)
}

extension Catalog {
    static let statDatabase = Collector(
        "stat_database", "Activity in each database.",
        [
            Source(
                labels: ofDatabase, from: "FROM pg_stat_database",
                metrics: [
                    column("numbackends", .gauge, "Backends that are connected"),
                    column("xact_commit", .counter, "Transactions that were committed"),
                    column("xact_rollback", .counter, "Transactions that were rolled back"),
                    column("blks_read", .counter, "Blocks that were read from disk"),
                    column("blks_hit", .counter, "Blocks that were found in the buffer cache"),
                    column("tup_returned", .counter, "Rows that queries read"),
                    column("tup_fetched", .counter, "Rows that queries fetched"),
                    column("tup_inserted", .counter, "Rows that were inserted"),
                    column("tup_updated", .counter, "Rows that were updated"),
                    column("tup_deleted", .counter, "Rows that were deleted"),
                    column(
                        "conflicts", .counter,
                        "Queries that were cancelled on a standby because of replication"),
                    column("temp_files", .counter, "Temporary files that queries made"),
                    column("temp_bytes", .counter, "Bytes written to temporary files"),
                    column("deadlocks", .counter, "Deadlocks"),
                    column(
                        "checksum_failures", .unknown,
                        "Pages whose checksum was wrong; NaN without checksums"),
                    Metric(
                        "pg_stat_database_checksum_last_failure", .unknown,
                        "floor(extract(epoch FROM checksum_last_failure))",
                        "When a checksum was wrong last, in seconds since 1970", null: .notANumber),
                    column(
                        "blk_read_time", .counter,
                        "Milliseconds spent reading blocks; 0 without track_io_timing"),
                    column(
                        "blk_write_time", .counter,
                        "Milliseconds spent writing blocks; 0 without track_io_timing"),
                    Metric(
                        "pg_stat_database_stats_reset", .counter,
                        "floor(extract(epoch FROM stats_reset))",
                        "When the statistics were reset, in seconds since 1970", null: .notANumber),
                    column("session_time", .unknown, "Milliseconds of sessions", .since(14)),
                    column(
                        "active_time", .unknown, "Milliseconds in which statements ran", .since(14)),
                    column(
                        "idle_in_transaction_time", .unknown,
                        "Milliseconds in which transactions were open and idle", .since(14)),
                    column("sessions", .unknown, "Sessions that were opened", .since(14)),
                    column(
                        "sessions_abandoned", .unknown,
                        "Sessions that ended because the client was lost", .since(14)),
                    column(
                        "sessions_fatal", .unknown, "Sessions that ended with a fatal error",
                        .since(14)),
                    column(
                        "sessions_killed", .unknown, "Sessions that an operator ended", .since(14)),
                    Metric(
                        "pg_stat_database_active_time_seconds_total", .counter,
                        "active_time / 1000", "Time in which statements ran", .since(14)),
                ])
        ])

    static let statDatabaseConflicts = Collector(
        "stat_database_conflicts", "Why queries were cancelled on a standby.",
        [
            Source(
                labels: ofDatabase, from: "FROM pg_stat_database_conflicts",
                metrics: [
                    ("tablespace", "tablespaces that were dropped", Versions.all),
                    ("lock", "locks that took too long", .all),
                    ("snapshot", "snapshots that were too old", .all),
                    ("bufferpin", "buffers that were pinned", .all),
                    ("deadlock", "deadlocks", .all),
                    ("active_logicalslot", "logical slots in use", .since(16)),
                ].map { name, cause, versions in
                    Metric(
                        "pg_stat_database_conflicts_confl_\(name)",
                        // 0.11 does not know this column, so it has no type there.
                        versions == .all ? .counter : .unknown, "confl_\(name)",
                        "Queries that were cancelled because of \(cause)", versions,
                        null: .notANumber)
                })
        ])

    static let statArchiver = Collector(
        "stat_archiver", "Archiving of the write-ahead log.",
        [
            Source(
                from: "FROM pg_stat_archiver",
                metrics: [
                    Metric(
                        "pg_stat_archiver_archived_count", .counter, "archived_count",
                        "Segments that were archived"),
                    Metric(
                        "pg_stat_archiver_failed_count", .counter, "failed_count",
                        "Attempts to archive a segment that failed"),
                    Metric(
                        "pg_stat_archiver_last_archive_age", .gauge,
                        "extract(epoch FROM now() - last_archived_time)",
                        "Seconds since a segment was archived", null: .notANumber),
                ])
        ])

    static let bgwriter = Collector(
        "bgwriter", "The background writer, and before 17 the checkpointer.",
        [
            Source(
                from: "FROM pg_stat_bgwriter",
                metrics: [
                    writer("checkpoints_timed", "Checkpoints that were due", .before(17)),
                    writer("checkpoints_req", "Checkpoints that were asked for", .before(17)),
                    writer(
                        "checkpoint_write_time", "Milliseconds in which checkpoints wrote files",
                        .before(17)),
                    writer(
                        "checkpoint_sync_time", "Milliseconds in which checkpoints synced files",
                        .before(17)),
                    writer(
                        "buffers_checkpoint", "Buffers that checkpoints wrote", .before(17)),
                    writer("buffers_clean", "Buffers that the background writer wrote"),
                    writer(
                        "maxwritten_clean",
                        "Times that the background writer stopped because it had written enough"),
                    writer("buffers_backend", "Buffers that backends wrote", .before(17)),
                    writer(
                        "buffers_backend_fsync", "Times that a backend had to sync by itself",
                        .before(17)),
                    writer("buffers_alloc", "Buffers that were allocated"),
                    Metric(
                        "pg_stat_bgwriter_stats_reset_total", .counter,
                        "floor(extract(epoch FROM stats_reset))",
                        "When the statistics were reset, in seconds since 1970", null: .zero),
                ])
        ])

    private static func writer(
        _ name: String, _ help: String, _ versions: Versions = .all
    ) -> Metric {
        Metric("pg_stat_bgwriter_\(name)_total", .counter, name, help, versions, null: .zero)
    }

    static let checkpointer = Collector(
        "stat_checkpointer", "The checkpointer, which has a view of its own since 17.",
        [
            Source(
                .since(17), from: "FROM pg_stat_checkpointer",
                metrics: [
                    ("num_timed", "Checkpoints that were due"),
                    ("num_requested", "Checkpoints that were asked for"),
                    ("restartpoints_timed", "Restartpoints that were due"),
                    ("restartpoints_req", "Restartpoints that were asked for"),
                    ("restartpoints_done", "Restartpoints that were made"),
                    ("write_time", "Milliseconds in which files were written"),
                    ("sync_time", "Milliseconds in which files were synced"),
                    ("buffers_written", "Buffers that checkpoints and restartpoints wrote"),
                ].map { name, help in
                    Metric(
                        "pg_stat_checkpointer_\(name)_total", .counter, name, help, null: .zero)
                } + [
                    Metric(
                        "pg_stat_checkpointer_stats_reset_total", .counter,
                        "floor(extract(epoch FROM stats_reset))",
                        "When the statistics were reset, in seconds since 1970", null: .zero)
                ])
        ])
}
