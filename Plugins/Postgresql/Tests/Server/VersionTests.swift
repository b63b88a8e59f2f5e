import Foundation
import Synchronization
import Testing
import WeirSDK
import WeirTestKit

@testable import PostgresqlPlugin

/// Of servers that `.ci/postgresql` fetched.
private let fetched = ProcessInfo.processInfo.environment["WEIR_POSTGRESQL_SERVERS"]

/// Real servers of the versions that `.ci/postgresql` fetched: `make test` names their folder.
extension WithServers {
    @Suite(.serialized, .enabled(if: fetched != nil)) struct VersionTests {
        /// What Debian's 15 gives, once it was asked.
        private static let reference = Mutex<Set<String>?>(nil)

        /// A version, and what tells its metrics from those of 15; of `pg_settings_*`, every version
        /// has others.
        struct Version: Sendable, CustomTestStringConvertible {
            var number: Int
            var lacks: [String]
            var adds: [String]
            var testDescription: String { "PostgreSQL \(number)" }

            init(_ number: Int, lacks: [String] = [], adds: [String] = []) {
                (self.number, self.lacks, self.adds) = (number, lacks, adds)
            }
        }

        private static let sessions = [
            "active_time", "active_time_seconds_total", "idle_in_transaction_time", "session_time",
            "sessions", "sessions_abandoned", "sessions_fatal", "sessions_killed",
        ].map { "pg_stat_database_\($0)" }
        private static let wal = [
            "buffers_full", "bytes", "fpi", "records", "sync_time_seconds", "sync",
            "write_time_seconds", "write",
        ].map { "pg_stat_wal_\($0)_total" }
        /// The extension is not among the programs of the 13 that there is.
        private static let statements = [
            "block_read_seconds_total", "block_write_seconds_total", "calls_total",
            "mean_exec_time_seconds", "query_id", "rows_total", "seconds_total",
        ].map { "pg_stat_statements_\($0)" }
        private static let conflict = ["pg_stat_database_conflicts_confl_active_logicalslot"]
        /// Backends' writes are in pg_stat_io, checkpoints in a view of their own.
        private static let writer = [
            "buffers_backend_fsync", "buffers_backend", "buffers_checkpoint",
            "checkpoint_sync_time", "checkpoint_write_time", "checkpoints_req",
            "checkpoints_timed",
        ].map { "pg_stat_bgwriter_\($0)_total" }
        private static let checkpointer = [
            "buffers_written", "num_requested", "num_timed", "restartpoints_done",
            "restartpoints_req", "restartpoints_timed", "stats_reset", "sync_time", "write_time",
        ].map { "pg_stat_checkpointer_\($0)_total" }

        /// What is there at times: settings differ between all versions, the others need somebody who
        /// is idle, vacuums or lags.
        private static let passing = [
            "pg_settings_", "pg_process_idle_", "pg_stat_activity_autovacuum_",
            "pg_stat_progress_vacuum_", "pg_stat_replication_write_lag",
            "pg_stat_replication_flush_lag", "pg_stat_replication_replay_lag",
        ]

        @Test(
            arguments: [
                Version(13, lacks: sessions + wal + statements), Version(14),
                Version(16, adds: conflict),
                Version(17, lacks: writer, adds: conflict + checkpointer),
                Version(18, lacks: writer, adds: conflict + checkpointer),
            ])
        func sameMetrics(_ version: Version) throws {
            let programs = try #require(fetched) + "/\(version.number)"
            guard FileManager.default.fileExists(atPath: programs) else {
                #expect(version.number == 13, "\(programs) is not there; run make postgresql")
                return
            }
            let reference = try Self.reference.withLock { known in
                if let known { return known }
                let names = try Self.collect(PostgresServer(), 15)
                known = names
                return names
            }
            let server = try PostgresServer(programs: programs)
            let names = try Self.collect(server, version.number)
            #expect(reference.subtracting(names) == Set(version.lacks))
            #expect(names.subtracting(reference) == Set(version.adds))
            guard version.number != 13 else { return }
            try Self.upgraded(server)
        }

        /// Names of all metrics of a server and of a standby, for a user who has pg_monitor alone;
        /// nothing fails, and nothing is complained of.
        private static func collect(_ server: PostgresServer, _ version: Int) throws -> Set<String>
        {
            try server.sql("CREATE DATABASE shop")
            try server.sql(
                """
                CREATE TABLE orders AS SELECT n AS id, 'open' AS state FROM generate_series(1, 100) n;
                CREATE INDEX ON orders (id); CREATE ROLE watcher LOGIN; GRANT pg_monitor TO watcher;
                GRANT SELECT ON orders TO watcher
                """, database: "shop")
            let hasStatements = version != 13
            if hasStatements {
                try server.sql("CREATE EXTENSION pg_stat_statements", database: "shop")
            }
            let standby = try PostgresServer(standbyOf: server)
            #expect(try server.settles("SELECT state FROM pg_stat_replication", at: "streaming"))
            // Until something has come, the receiver does not say how far it is.
            try server.sql("CREATE TABLE replicated (id int)")
            let received =
                "SELECT count(*) FROM pg_stat_wal_receiver WHERE latest_end_lsn IS NOT NULL"
            #expect(try standby.settles(received, at: "1"))
            let host = FakeHost()
            var names: Set<String> = []
            for server in [server, standby] {
                let exporter = try host.exporter(
                    server.endpoint("shop", user: "watcher"),
                    #"""
                    "stat_statements": {"query_length": 60}, "auto_discover_databases": true,
                    "queries": [{"name": "orders", "labels": ["state"],
                      "query": "SELECT state, count(*) AS n FROM orders GROUP BY 1",
                      "metrics": [{"name": "shop_orders", "column": "n"}]}]
                    """#)
                let metrics = try exporter.collect()
                #expect(metrics.value("pg_up") == 1)
                #expect(metrics.value("pg_exporter_last_scrape_error") == 0)
                #expect(metrics.value("shop_orders", ["state": "open"]) == 100)
                let text = metrics.values(of: "short_version", in: "pg_static").first
                #expect(text?.hasPrefix("\(version).") == true)
                for collector in Catalog.collectors() where collector.isThere(version: version) {
                    guard collector.name != "stat_statements" || hasStatements else { continue }
                    #expect(metrics.succeeded(collector.name) == true, "\(collector.name)")
                }
                names.formUnion(metrics.names)
                try exporter.end()
            }
            let complaints = host.logs.filter { $0.level != .info && $0.level != .debug }
            #expect(complaints.isEmpty, "\(complaints.map(\.message))")
            return names.filter { name in !passing.contains { name.hasPrefix($0) } }
        }

        /// The extension as an older server had it, whose columns had other names.
        private static func upgraded(_ server: PostgresServer) throws {
            let host = FakeHost()
            for version in ["1.7", "1.9", "1.10"] {
                let row = "FROM pg_available_extension_versions WHERE name = 'pg_stat_statements'"
                guard
                    try server.sql("SELECT count(*) \(row) AND version = '\(version)'") == "1"
                else { continue }
                try server.sql(
                    "DROP EXTENSION pg_stat_statements; CREATE EXTENSION pg_stat_statements VERSION '\(version)'",
                    database: "shop")
                let exporter = try host.exporter(server.endpoint("shop"))
                let metrics = try exporter.collect()
                #expect(metrics.succeeded("stat_statements") == true, "\(version)")
                #expect(!metrics.named("pg_stat_statements_block_read_seconds_total").isEmpty)
                try exporter.end()
            }
        }
    }
}
