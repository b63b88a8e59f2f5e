import Testing

@testable import PostgresqlPlugin

/// What each version is asked for.
struct CatalogTests {
    private static func sql(_ collector: String, _ version: Int) -> String {
        var options = CatalogOptions()
        options.statementLength = 80
        let found = Catalog.collectors(options).first { $0.name == collector }
        return found!.sources.compactMap { $0.sql(version: version) }.joined(separator: ";\n")
    }

    /// Columns and views, and the versions that have them (first, and the first without).
    @Test(
        arguments: [
            ("stat_database", "session_time", 14, 99), ("stat_database", "sessions_killed", 14, 99),
            ("stat_database", "checksum_failures", 12, 99),
            ("stat_database", "active_time / 1000", 14, 99),
            ("stat_database_conflicts", "confl_active_logicalslot", 16, 99),
            ("stat_database_conflicts", "confl_deadlock", 12, 99),
            ("bgwriter", "checkpoints_timed", 12, 17),
            ("bgwriter", "buffers_backend_fsync", 12, 17),
            ("bgwriter", "buffers_alloc", 12, 99), ("bgwriter", "maxwritten_clean", 12, 99),
            ("stat_checkpointer", "pg_stat_checkpointer", 17, 99),
            ("stat_wal", "pg_stat_wal", 14, 99), ("stat_wal", "wal_sync_time", 14, 18),
            ("replication_slot", "safe_wal_size", 13, 99),
            ("replication_slot", "wal_status", 13, 99),
            ("stat_wal_receiver", "(flushed_lsn", 13, 99),
            ("stat_wal_receiver", "(received_lsn", 12, 13), ("stat_wal", "pg_stat_io", 18, 99),
            ("stat_progress_vacuum", "max_dead_tuples", 12, 17),
            ("stat_progress_vacuum", "dead_tuple_bytes", 17, 99),
            ("stat_statements", "s.total_time", 12, 13),
            ("stat_statements", "s.total_exec_time", 13, 99),
            ("stat_statements", "s.blk_read_time", 12, 17),
            ("stat_statements", "s.shared_blk_read_time", 17, 99),
            ("stat_statements", "max(s.query)", 12, 99),
        ] as [(String, String, Int, Int)])
    func gates(_ collector: String, _ column: String, _ first: Int, _ end: Int) {
        for version in 12...18 {
            #expect(
                Self.sql(collector, version).contains(column)
                    == (version >= first && version < end),
                "\(collector), \(column), PostgreSQL \(version)")
        }
    }

    /// A version that has none of a collector is not asked, and the collector is not reported.
    @Test(arguments: [
        ("stat_checkpointer", 16, false), ("stat_checkpointer", 17, true),
        ("stat_wal", 13, false), ("stat_wal", 14, true), ("settings", 12, true),
    ])
    func isThere(_ collector: String, _ version: Int, _ isThere: Bool) {
        let found = Catalog.collectors().first { $0.name == collector }
        #expect(found?.isThere(version: version) == isThere)
    }

    /// A metric has one type and one text wherever it comes from, and no name twice in a version.
    @Test func metricsAreTold() {
        for version in 12...18 {
            var seen: Set<String> = []
            for source in Catalog.collectors().flatMap(\.sources)
            where source.versions.contains(version) {
                for metric in source.metrics(version: version) {
                    #expect(seen.insert(metric.name).inserted, "\(metric.name) in \(version)")
                    #expect(metric.name.hasPrefix("pg_") && !metric.help.isEmpty)
                    #expect(!metric.help.hasSuffix("."))
                }
            }
        }
        #expect(Set(Catalog.names).count == Catalog.names.count)
    }

    @Test func limits() {
        var options = CatalogOptions()
        options.statementLimit = 7
        options.hasMeanAlias = false
        let sql = Catalog.statStatements(options).sources.compactMap { $0.sql(version: 15) }
        #expect(sql.count == 1 && sql[0].hasSuffix("LIMIT 7"))
        #expect(!sql[0].contains("nullif"))
    }

    /// What answers need not be PostgreSQL, and may give other columns than were asked for.
    @Test func shortRowsEndNothing() {
        let rows: [[String?]] = [[], ["1"], [nil, "2"]]
        for source in Catalog.collectors(CatalogOptions()).flatMap(\.sources) {
            for version in [12, 15, 17] {
                _ = try? source.points(Table(rows: rows), version: version)
            }
        }
        let settings = rows + [["work_mem", "4096", "kB", "", "integer"]]
        #expect(
            ServerSetting.points(Table(rows: settings)).map(\.name)
                == ["pg_settings_work_mem_bytes"])
    }

    @Test func rowsBecomePoints() throws {
        let source = Source(
            labels: [("a", "x")], from: "FROM t",
            metrics: [
                Metric("pg_n", .counter, "n", "N", null: .notANumber),
                Metric("pg_old", .gauge, "o", "O", .before(14)),
                Metric("pg_z", .gauge, "z", "Z", null: .zero), Metric("pg_s", .unknown, "s", "S"),
            ])
        #expect(source.sql(version: 15) == "SELECT x, n, z, s FROM t")
        #expect(source.sql(version: 13) == "SELECT x, n, o, z, s FROM t")
        let points = try source.points(
            Table(rows: [[nil, "5", "t", "1.5"], ["l", nil, nil, nil]]), version: 15)
        #expect(points.map(\.name) == ["pg_n", "pg_z", "pg_s", "pg_n", "pg_z"])
        #expect(points[0].value == .number(5) && points[1].value == .number(1))
        #expect(points[0].labels == [Label("a", "")] && points[3].labels == [Label("a", "l")])
        guard case .number(let missing) = points[3].value else { return }
        #expect(missing.isNaN && points[4].value == .number(0))
        let error = #expect(throws: PostgresError.self) {
            try source.points(Table(rows: [["", "many", "0", "0"]]), version: 15)
        }
        #expect(error?.message == "pg_n: found 'many', expected a number")
    }
}
