import Foundation
import Synchronization
import Testing
import WeirSDK
import WeirTestKit

@testable import PostgresqlPlugin

/// Against a real server; they take turns, since they look at what it counts and stop it.
@Suite(.serialized) enum WithServers {}

extension WithServers {
    @Suite(.serialized) struct ServerTests {
        private static let shared = Mutex<PostgresServer?>(nil)
        let host = FakeHost()
        let server: PostgresServer

        init() throws {
            server = try ServerTests.shared.withLock { shared in
                if let shared { return shared }
                let server = try PostgresServer()
                try server.sql("CREATE DATABASE shop")
                try server.sql(
                    """
                    CREATE EXTENSION pg_stat_statements; CREATE TABLE orders (id int PRIMARY KEY, state text);
                    INSERT INTO orders SELECT n, CASE WHEN n % 4 = 0 THEN 'open' ELSE 'done' END FROM generate_series(1, 100) n;
                    ANALYZE orders
                    """, database: "shop")
                shared = server
                return server
            }
        }

        /// Every collector succeeds, with everything on, and what has a known value has it.
        @Test func everything() throws {
            let exporter = try host.exporter(
                server.endpoint("shop"), #""stat_statements": {"query_length": 60}"#)
            let (metrics, error) = exporter.collectOutcome()
            #expect(error == nil)
            #expect(metrics.value("pg_up") == 1)
            #expect(metrics.value("pg_exporter_last_scrape_error") == 0)
            for name in Catalog.names where name != "stat_checkpointer" {
                #expect(metrics.succeeded(name) == true, "\(name)")
            }
            #expect(metrics.succeeded("stat_checkpointer") == nil)
            let label = "127.0.0.1:\(server.port)"
            #expect(metrics.value("pg_settings_port", ["server": label]) == Double(server.port))
            #expect(metrics.value("pg_settings_shared_buffers_bytes") == 134_217_728)
            #expect(metrics.value("pg_settings_fsync") == 0)
            #expect(
                metrics.values(of: "short_version", in: "pg_static").first?.hasPrefix("15.") == true
            )
            #expect(metrics.value("pg_replication_is_replica") == 0)
            #expect(
                metrics.value("pg_locks_count", ["datname": "shop", "mode": "accesssharelock"])! > 0
            )
            #expect(metrics.named("pg_stat_activity_count").count == 4 * 6)
            let table = ["datname": "shop", "relname": "orders", "schemaname": "public"]
            #expect(metrics.value("pg_stat_user_tables_n_live_tup", table) == 100)
            #expect(metrics.value("pg_stat_user_tables_table_size_bytes", table)! >= 8192)
            #expect(
                metrics.value("pg_stat_user_indexes_size_bytes", ["indexrelname": "orders_pkey"])!
                    > 0)
            #expect(metrics.points.allSatisfy { $0.isPrometheus })
            #expect(metrics.value("pg_database_size_bytes", ["datname": "template0"])! > 0)
            try exporter.end()
        }

        /// The view has one row for a statement called by itself and one for it called by a function.
        @Test func statementsAreSummed() throws {
            try server.sql(
                """
                CREATE OR REPLACE FUNCTION total() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM orders';
                SET pg_stat_statements.track = 'all';
                SELECT pg_stat_statements_reset(); SELECT count(*) FROM orders; SELECT total()
                """, database: "shop")
            let exporter = try host.exporter(server.endpoint("shop"))
            let metrics = try exporter.collect()
            let ids = metrics.named("pg_stat_statements_calls_total").map {
                ($0.attributes.text("user") ?? "") + ($0.attributes.text("datname") ?? "")
                    + ($0.attributes.text("queryid") ?? "")
            }
            #expect(ids.count > 2 && Set(ids).count == ids.count)
            let rows = try server.sql(
                "SELECT queryid FROM pg_stat_statements WHERE query LIKE 'SELECT count(*) FROM orders' GROUP BY 1 HAVING count(*) > 1",
                database: "shop")
            let id = try #require(rows.split(separator: "\n").first.map(String.init))
            #expect(metrics.value("pg_stat_statements_calls_total", ["queryid": id]) == 2)
            let mean = try #require(
                metrics.value("pg_stat_statements_mean_exec_time_seconds", ["queryid": id]))
            let total = try #require(
                metrics.value("pg_stat_statements_seconds_total", ["queryid": id]))
            #expect(mean > 0 && abs(mean - total / 2) < 1e-9)
            #expect(host.logs.allSatisfy { !$0.message.contains("same labels") })
            let plain = try host.exporter(server.endpoint("shop"), #""aliases": []"#)
            #expect(try plain.collect().value("pg_stat_statements_mean_exec_time_seconds") == nil)
            try exporter.end()
        }

        /// pg_upgrade leaves the extension as it was in the old server: 1.7 is PostgreSQL 12's.
        @Test(arguments: ["1.7", "1.8"]) func statementsOfAnUpgradedServer(_ version: String) throws
        {
            try server.sql(
                "DROP EXTENSION IF EXISTS pg_stat_statements; CREATE EXTENSION pg_stat_statements VERSION '\(version)'"
            )
            let exporter = try host.exporter(
                server.endpoint(), #""stat_statements": {"query_length": 60}"#)
            let metrics = try exporter.collect()
            #expect(metrics.succeeded("stat_statements") == true, "\(host.logs.map(\.message))")
            for name in ["calls_total", "mean_exec_time_seconds", "query_id"] {
                #expect(!metrics.named("pg_stat_statements_\(name)").isEmpty, "\(name)")
            }
            try exporter.end()
            try server.sql("DROP EXTENSION pg_stat_statements")
        }

        @Test func collectorsAreSwitched() throws {
            let names = Catalog.names.filter { $0 != "locks" }.map { "\"\($0)\": false" }
            let exporter = try host.exporter(
                server.endpoint(), "\"collectors\": {\(names.joined(separator: ", "))}")
            let metrics = try exporter.collect()
            #expect(
                metrics.names == [
                    "pg_up", "pg_static", "pg_locks_count", "pg_scrape_collector_success",
                    "pg_scrape_collector_duration_seconds", "pg_exporter_last_scrape_error",
                    "pg_exporter_last_scrape_duration_seconds", "pg_exporter_scrapes_total",
                ])
            try exporter.end()
        }

        @Test(arguments: [
            (#""auto_discover_databases": true"#, ["postgres", "shop"]),
            (#""auto_discover_databases": true, "exclude_databases": ["postgres"]"#, ["shop"]),
            (#""auto_discover_databases": true, "include_databases": ["postgres"]"#, ["postgres"]),
            (#""databases": ["shop"]"#, ["postgres", "shop"]), (#""databases": []"#, ["postgres"]),
            (#""databases": ["shop"], "max_connections": 1"#, ["postgres", "shop"]),
        ])
        func databases(_ settings: String, _ expected: [String]) throws {
            try server.sql("CREATE TABLE IF NOT EXISTS things (id int)")
            let exporter = try host.exporter(server.endpoint(), settings)
            for _ in 0..<3 {
                let metrics = try exporter.collect()
                #expect(
                    metrics.values(of: "datname", in: "pg_stat_user_tables_seq_scan")
                        == Set(expected))
            }
            let open = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'weir'"
            let limit =
                settings.contains("max_connections") ? 1 : Set(expected + ["postgres"]).count
            #expect(try server.settles(open, at: String(limit)))
            try exporter.end()
            #expect(try server.settles(open, at: "0"))
        }

        @Test func customQueries() throws {
            let exporter = try host.exporter(
                server.endpoint("shop"),
                #"""
                "queries": [
                  {"name": "orders", "interval": "1m", "labels": ["state"],
                   "query": "SELECT state, count(*) AS n, true AS ok, now() - now() AS age, NULL::int AS none FROM orders GROUP BY 1",
                   "metrics": [{"name": "shop_orders", "help": "Orders", "column": "n"}, {"name": "ok"},
                               {"name": "shop_age_total", "type": "counter", "column": "age"}, {"name": "none"}]},
                  {"name": "everywhere", "databases": ["shop", "postgres"],
                   "query": "SELECT 1 AS one", "metrics": [{"name": "one", "type": "unknown"}]},
                  {"name": "twice", "query": "SELECT n FROM generate_series(1, 2) n", "metrics": [{"name": "n"}]},
                  {"name": "broken", "query": "SELECT nothing", "metrics": [{"name": "nothing"}]},
                  {"name": "writes", "query": "DELETE FROM orders RETURNING id", "metrics": [{"name": "id"}]},
                  {"name": "columns", "query": "SELECT 1 AS a, 2 AS b", "metrics": [{"name": "c"}]},
                  {"name": "words", "query": "SELECT 'many' AS w", "metrics": [{"name": "w"}]}]
                """#)
            let first = try exporter.collect()
            #expect(first.value("shop_orders", ["state": "open"]) == 25)
            #expect(first.named("shop_orders").first?.help == "Orders")
            #expect(first.value("ok", ["state": "done"]) == 1 && first.named("none").isEmpty)
            #expect(first.named("shop_age_total").first?.kind == .counter)
            #expect(first.values(of: "datname", in: "one") == ["shop", "postgres"])
            #expect(first.named("one").first?.kind == .unknown)
            #expect(first.named("n").count == 1)
            for (name, isGood) in [
                ("orders", true), ("everywhere", true), ("twice", false), ("broken", false),
                ("writes", false), ("columns", false), ("words", false), ("locks", true),
            ] {
                let name = name == "locks" ? name : "query_" + name
                #expect(first.succeeded(name) == isGood, "\(name)")
            }
            for (name, reason) in [
                ("query_twice", "duplicate_series"), ("query_broken", "statement"),
            ] {
                #expect(
                    first.value(
                        "pg_scrape_collector_failures_total", ["collector": name, "reason": reason])
                        == 1)
            }
            #expect(first.value("pg_exporter_last_scrape_error") == 1)
            // An answer is kept for its interval; the others are asked each time. Faults are said once.
            try server.sql("INSERT INTO orders VALUES (1000, 'new')", database: "shop")
            #expect(try exporter.collect().value("shop_orders", ["state": "new"]) == nil)
            host.advance(by: .seconds(60))
            #expect(try exporter.collect().value("shop_orders", ["state": "new"]) == 1)
            try server.sql("DELETE FROM orders WHERE id = 1000", database: "shop")
            let texts = host.logs.map(\.message)
            for part in [
                "query_broken failed in shop: ERROR:  column \"nothing\"", "read-only transaction",
                "no column 'c'; it has a, b", "'many'",
                "query_twice failed in shop: several rows have the same labels, n{}",
            ] {
                #expect(texts.filter { $0.contains(part) }.count == 1, "\(part): \(texts)")
            }
            try exporter.end()
        }

        @Test func idleConnections() throws {
            let idle = try host.exporter(server.endpoint("shop"))
            _ = try idle.collect()
            let exporter = try host.exporter(server.endpoint())
            let point = try #require(
                try exporter.collect().named("pg_process_idle_seconds").first {
                    $0.attributes.text("application_name") == "weir"
                })
            #expect(point.attributes.text("state") == "idle" && point.kind == .histogram)
            guard case .histogram(let bounds, let buckets, let count, _) = point.value else {
                return
            }
            #expect(bounds == [1, 2, 5, 15, 30, 60, 90, 120, 300])
            #expect(count >= 1 && buckets.reduce(0, +) == count && buckets.count == 10)
            try idle.end()
            try exporter.end()
        }

        /// Without rights, what needs them fails alone.
        @Test func littleRights() throws {
            try server.sql(
                "DROP ROLE IF EXISTS small; CREATE ROLE small LOGIN; REVOKE CONNECT ON DATABASE shop FROM public"
            )
            let exporter = try host.exporter(server.endpoint(user: "small"))
            let metrics = try exporter.collect()
            #expect(metrics.succeeded("wal") == false)
            #expect(metrics.succeeded("database") == true && metrics.succeeded("settings") == true)
            #expect(!metrics.values(of: "datname", in: "pg_database_size_bytes").contains("shop"))
            #expect(metrics.value("pg_up") == 1)
            #expect(metrics.value("pg_exporter_last_scrape_error") == 1)
            _ = try exporter.collect()
            #expect(host.logs.filter { $0.message.contains("collector wal failed") }.count == 1)
            try server.sql("GRANT pg_monitor TO small; GRANT CONNECT ON DATABASE shop TO public")
            #expect(try exporter.collect().succeeded("wal") == true)
            #expect(
                host.logs.contains { $0.level == .info && $0.message.contains("succeeds again") })
            try exporter.end()
        }

        @Test func severalServers() throws {
            let exporter = try host.exporter(
                server.endpoint(),
                #""servers": [{"endpoint": "127.0.0.1:1", "labels": {"team": "none"}}]"#)
            let (metrics, error) = exporter.collectOutcome()
            #expect(error?.message.hasPrefix("127.0.0.1:1: ") == true)
            #expect(metrics.value("pg_up", ["server": "127.0.0.1:\(server.port)"]) == 1)
            #expect(metrics.value("pg_up", ["server": "127.0.0.1:1", "team": "none"]) == 0)
            #expect(metrics.named("pg_locks_count").count > 0)
            try exporter.end()
        }

        @Test func standby() throws {
            let standby = try PostgresServer(standbyOf: server)
            try server.sql("CREATE TABLE IF NOT EXISTS replicated (id int)")
            #expect(try server.settles("SELECT state FROM pg_stat_replication", at: "streaming"))
            let exporters = (
                try host.exporter(server.endpoint()), try host.exporter(standby.endpoint())
            )
            let primary = try exporters.0.collect()
            let slot = ["slot_name": "standby"]
            #expect(primary.value("pg_replication_slots_active", slot) == 1)
            #expect(primary.value("pg_replication_slot_slot_is_active", slot) == 1)
            #expect(
                primary.value(
                    "pg_stat_replication_pg_wal_lsn_diff",
                    ["slot_name": "standby", "state": "streaming", "client_addr": "127.0.0.1"])
                    != nil)
            let second = try exporters.1.collect()
            #expect(second.value("pg_replication_is_replica") == 1)
            #expect(
                second.value("pg_exporter_last_scrape_error") == 0, "\(host.logs.map(\.message))")
            #expect(second.value("pg_settings_in_hot_standby") == 1)
            #expect(
                second.value("pg_stat_wal_receiver_flushed_lsn", ["upstream_host": "127.0.0.1"])!
                    > 0)
            try exporters.0.end()
            try exporters.1.end()
        }
    }
}
