/// Where the log of this server is, also on a standby.
private let position = """
    CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END
    """

extension Catalog {
    static let statReplication = Collector(
        "stat_replication", "What each standby that is connected has received and replayed.",
        [
            Source(
                labels: [
                    ("application_name", "r.application_name"),
                    ("client_addr", "host(r.client_addr)"), ("state", "r.state"),
                    // postgres_exporter 0.11 has the process's number here, by an accident; without
                    // a slot it keeps two standbys apart that are alike otherwise.
                    ("slot_name", "coalesce(s.slot_name, r.pid::text)"),
                ],
                from: """
                    FROM pg_stat_replication r \
                    LEFT JOIN pg_replication_slots s ON s.active_pid = r.pid
                    """,
                metrics: [
                    Metric(
                        "pg_stat_replication_pg_current_wal_lsn_bytes", .gauge,
                        "pg_wal_lsn_diff(\(position), '0/0')",
                        "Position of the write-ahead log on this server, in bytes",
                        null: .notANumber),
                    Metric(
                        "pg_stat_replication_pg_wal_lsn_diff", .gauge,
                        "pg_wal_lsn_diff(\(position), r.replay_lsn)",
                        "Bytes that the standby has not replayed", null: .notANumber),
                    Metric(
                        "pg_stat_replication_reply_time", .unknown,
                        "floor(extract(epoch FROM r.reply_time))",
                        "When the standby sent its last message, in seconds since 1970",
                        null: .notANumber),
                    Metric(
                        "pg_stat_replication_write_lag_seconds", .gauge,
                        "extract(epoch FROM r.write_lag)",
                        "Time until the standby had written recent parts of the log"),
                    Metric(
                        "pg_stat_replication_flush_lag_seconds", .gauge,
                        "extract(epoch FROM r.flush_lag)",
                        "Time until the standby had flushed recent parts of the log"),
                    Metric(
                        "pg_stat_replication_replay_lag_seconds", .gauge,
                        "extract(epoch FROM r.replay_lag)",
                        "Time until the standby had replayed recent parts of the log"),
                ])
        ])

    static let replication = Collector(
        "replication", "Whether the server is a standby, and how far behind.",
        [
            Source(
                from: "",
                metrics: [
                    Metric(
                        "pg_replication_lag_seconds", .gauge,
                        """
                        CASE WHEN NOT pg_is_in_recovery() THEN 0 \
                        WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0 \
                        ELSE greatest(0, extract(epoch FROM (now() - pg_last_xact_replay_timestamp()))) END
                        """, "How far a standby is behind; 0 on a primary"),
                    Metric(
                        "pg_replication_is_replica", .gauge, "pg_is_in_recovery()",
                        "1 on a standby, 0 on a primary"),
                    Metric(
                        "pg_replication_last_replay_seconds", .gauge,
                        "greatest(0, extract(epoch FROM (now() - pg_last_xact_replay_timestamp())))",
                        "Time since the standby replayed a transaction"),
                ])
        ])

    static let replicationSlots = Collector(
        "replication_slot", "Replication slots and what they hold back.",
        [
            Source(
                labels: [("slot_name", "slot_name"), ("database", "database")],
                from: "FROM pg_replication_slots",
                metrics: [
                    Metric(
                        "pg_replication_slots_active", .gauge, "active",
                        "Whether somebody reads from the slot"),
                    Metric(
                        "pg_replication_slots_pg_wal_lsn_diff", .gauge,
                        "pg_wal_lsn_diff(\(position), restart_lsn)",
                        "Bytes of the log that the slot holds back", null: .notANumber),
                ]),
            Source(
                labels: [("slot_name", "slot_name"), ("slot_type", "slot_type")],
                from: "FROM pg_replication_slots",
                metrics: [
                    Metric(
                        "pg_replication_slot_slot_current_wal_lsn", .gauge,
                        "pg_wal_lsn_diff(\(position), '0/0')",
                        "Position of the write-ahead log, in bytes"),
                    Metric(
                        "pg_replication_slot_slot_confirmed_flush_lsn", .gauge,
                        "pg_wal_lsn_diff(coalesce(confirmed_flush_lsn, '0/0'), '0/0')",
                        "Position up to which the reader of a logical slot has confirmed, in bytes"
                    ),
                    Metric(
                        "pg_replication_slot_slot_is_active", .gauge, "active",
                        "Whether somebody reads from the slot"),
                    Metric(
                        "pg_replication_slot_safe_wal_size_bytes", .gauge, "safe_wal_size",
                        "Bytes that can be written until the slot may be lost", .since(13)),
                ]),
            Source(
                .since(13),
                labels: [
                    ("slot_name", "slot_name"), ("slot_type", "slot_type"),
                    ("wal_status", "wal_status"),
                ],
                from: "FROM pg_replication_slots WHERE wal_status IS NOT NULL",
                metrics: [
                    Metric(
                        "pg_replication_slot_wal_status", .gauge, "1",
                        "Whether the log that the slot needs is still there")
                ]),
        ])

    static let walReceiver = Collector(
        "stat_wal_receiver", "What a standby receives.",
        [
            Source(
                labels: [
                    ("upstream_host", "sender_host"), ("slot_name", "slot_name"),
                    ("status", "status"),
                ],
                from: "FROM pg_stat_wal_receiver WHERE status IS NOT NULL",
                metrics: [
                    Metric(
                        "pg_stat_wal_receiver_receive_start_lsn", .counter,
                        "pg_wal_lsn_diff(receive_start_lsn, '0/0')",
                        "Position at which receiving began, in bytes"),
                    Metric(
                        "pg_stat_wal_receiver_receive_start_tli", .gauge, "receive_start_tli",
                        "Timeline on which receiving began"),
                    flushed("flushed_lsn", .since(13)), flushed("received_lsn", .before(13)),
                    Metric(
                        "pg_stat_wal_receiver_received_tli", .gauge, "received_tli",
                        "Timeline of what was received last"),
                    Metric(
                        "pg_stat_wal_receiver_last_msg_send_time", .counter,
                        "extract(epoch FROM last_msg_send_time)",
                        "When the last message was sent, in seconds since 1970"),
                    Metric(
                        "pg_stat_wal_receiver_last_msg_receipt_time", .counter,
                        "extract(epoch FROM last_msg_receipt_time)",
                        "When the last message was received, in seconds since 1970"),
                    Metric(
                        "pg_stat_wal_receiver_latest_end_lsn", .counter,
                        "pg_wal_lsn_diff(latest_end_lsn, '0/0')",
                        "Position that was reported to the sender last, in bytes"),
                    Metric(
                        "pg_stat_wal_receiver_latest_end_time", .counter,
                        "extract(epoch FROM latest_end_time)",
                        "When that position was reported, in seconds since 1970"),
                ])
        ])

    /// 13 gave the column another name.
    private static func flushed(_ column: String, _ versions: Versions) -> Metric {
        Metric(
            "pg_stat_wal_receiver_flushed_lsn", .counter, "pg_wal_lsn_diff(\(column), '0/0')",
            "Position up to which the log was received and flushed, in bytes", versions)
    }
}
