import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// PostgreSQL 15 with statements counted and a standby: what Debian's exporter gives, ours gives.
    @Test(.timeLimit(.minutes(3))) func postgresqlBesideItsExporter() async throws {
        let servers = try await PostgresqlServers()
        let url = servers.endpoint(servers.port)
        let ours = try await MetricsServer.weir("postgresql", ["--endpoint", url])
        let theirs = try await MetricsServer(
            "/usr/bin/prometheus-postgres-exporter",
            arguments: { ["--web.listen-address=127.0.0.1:\($0)"] },
            environment: ["DATA_SOURCE_NAME": url])
        var terms = Parity.Terms()
        terms.stable = [
            "pg_up", "pg_static", "pg_settings_*", "pg_stat_archiver_*",
            "pg_stat_database_conflicts_*", "pg_replication_slots_active",
            "pg_stat_database_deadlocks", "pg_stat_database_temp_*",
            "pg_exporter_last_scrape_error",
        ]
        // Their driver sets this one for its session.
        terms.tolerance = ["pg_settings_extra_float_digits": 1]
        terms.differences = [
            "postgres_exporter_build_info":
                "it tells of the other program; weir's own version is weir_build_info"
        ]
        terms.remarks = [
            "pg_stat_replication_*":
                "slot_name is the slot's name; there it is, by an accident, the process's number",
            "pg_scrape_collector_*": "one series for each collector; there only two are counted",
            "pg_stat_statements_mean_exec_time_seconds":
                "an alias that dashboards ask for; no other exporter has it",
        ]
        let parity = try await Parity.compare(ours, theirs, terms)
        try ParityPage(
            "postgresql", counterpart: "prometheus-postgres-exporter 0.11.1 (Debian 12)", parity
        ).check()

        let page = try await ours.metrics()
        for name in try metricNames(inShared: "postgresql", prefixes: ["pg_"]) {
            #expect(page.has(name), "share/ names \(name)")
        }
        let standby = try await ours.metrics(
            "/probe?target=\(servers.endpoint(servers.standbyPort))")
        #expect(standby.value("pg_replication_is_replica") == 1)
        #expect(standby.value("pg_exporter_last_scrape_error") == 0)
    }

    /// Restarted, refused, slow, another password, killed in the middle of a query.
    @Test(.timeLimit(.minutes(3))) func postgresqlThatFails() async throws {
        let servers = try await PostgresqlServers()
        let file = servers.folder.path + "/password"
        try PostgresqlServers.password.write(toFile: file, atomically: true, encoding: .utf8)
        let queries = """
            [{"name": "slow", "query": "SELECT 1 AS one FROM pg_sleep(60)", "metrics": [{"name": "one"}]}]
            """
        let weir = try await MetricsServer.weir(
            "postgresql",
            [
                "--endpoint", servers.endpoint(servers.port, user: "secret"),
                "--set", "password_file=\(file)", "--set", "timeout=3s", "--set",
                "queries=\(queries)",
            ])
        func isUp(_ wanted: Double) async -> Bool {
            await eventually(within: 40) {
                (try? await weir.metrics())?.value("pg_up") == wanted
            }
        }
        // A query that takes too long costs itself alone.
        let began = ContinuousClock.now
        let page = try await weir.metrics()
        #expect(.now - began < .seconds(10))
        #expect(page.value("pg_up") == 1)
        #expect(page.value("pg_scrape_collector_success", ["collector": "query_slow"]) == 0)
        #expect(page.value("pg_scrape_collector_success", ["collector": "locks"]) == 1)
        // Killed in the middle of it.
        let url = weir.url("/metrics")
        async let killed = MetricsServer.metrics(url)
        let ended = await eventually(within: 10) {
            (try? await servers.sql(
                "SELECT count(pg_terminate_backend(pid)) > 0 FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND usename = 'secret'"
            )) == "t"
        }
        #expect(ended)
        #expect(try await killed.value("pg_up") == 1)
        // Another password: refused, until the file has it.
        try await servers.sql(
            "ALTER ROLE secret PASSWORD 'an0ther'; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'secret'"
        )
        #expect(await isUp(0))
        try "an0ther".write(toFile: file, atomically: true, encoding: .utf8)
        #expect(await isUp(1))
        // Gone and back.
        let files = weir.openFiles
        try await servers.stop()
        #expect(await isUp(0))
        try await servers.start()
        #expect(await isUp(1))
        #expect(weir.openFiles <= files + 4)
        for secret in [PostgresqlServers.password, "an0ther"] {
            #expect(!weir.log.contains(secret))
        }
        #expect(try await weir.stop() == 0)
    }
}
