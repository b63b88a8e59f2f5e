import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// Redis 7 with TLS, a password and a replica: what Debian's exporter gives, ours gives too.
    @Test(.timeLimit(.minutes(2))) func redisBesideItsExporter() async throws {
        let servers = try await RedisServers()
        try await servers.fill()
        let checks = [
            "--set", "check_keys=[\"db0=key:*\"]", "--set", "check_single_streams=[\"orders\"]",
            "--set", "count_keys=[\"key:*\"]",
        ]
        let ours = try await MetricsServer.weir(
            "redis",
            [
                "--endpoint", "rediss://localhost:\(servers.tlsPort)",
                "--set", "password=${env:REDIS_TEST_PASSWORD}",
                "--set", "tls.ca_file=\(servers.folder.path)/ca.pem",
            ] + checks, environment: ["REDIS_TEST_PASSWORD": RedisServers.password])
        let theirs = try await MetricsServer(
            "/usr/bin/prometheus-redis-exporter",
            arguments: {
                [
                    "-web.listen-address", "127.0.0.1:\($0)",
                    "-redis.addr", "rediss://localhost:\(servers.tlsPort)",
                    "-tls-ca-cert-file", "\(servers.folder.path)/ca.pem",
                    "-skip-tls-verification",
                    "-check-keys", "db0=key:*", "-check-single-streams", "orders",
                    "-count-keys", "key:*",
                ]
            }, environment: ["REDIS_PASSWORD": RedisServers.password])
        var terms = Parity.Terms()
        terms.stable = [
            "redis_up", "redis_db_keys", "redis_db_keys_expiring", "redis_config_*",
            "redis_connected_slaves", "redis_memory_max_bytes", "redis_key_size",
            "redis_key_value", "redis_key_value_as_string", "redis_keys_count",
            "redis_stream_length", "redis_stream_groups", "redis_stream_group_messages_pending",
            "redis_stream_group_consumer_messages_pending", "redis_stream_last_generated_id",
            "redis_rdb_last_bgsave_status", "redis_aof_enabled",
            "redis_replication_backlog_bytes", "redis_instance_info", "redis_slowlog_length",
        ]
        terms.differences = [
            "redis_last_key_groups_scrape_duration_milliseconds":
                "groups of keys by Lua's expressions are not read"
        ]
        terms.remarks = [
            "redis_exporter_build_info":
                "commit_sha, build_date and golang_version have fixed values",
            "redis_latency_percentiles_usec": "the quantile is in percent, as there",
            "redis_exporter_last_scrape_connect_time_seconds":
                "0 while the connection is kept, which theirs never does",
        ]
        let parity = try await Parity.compare(ours, theirs, terms)
        try ParityPage(
            "redis", counterpart: "prometheus-redis-exporter 1.45.0 (Debian 12)", parity
        ).check()

        // The replica knows its master.
        let replica = try await MetricsServer.weir(
            "redis",
            [
                "--endpoint", "redis://localhost:\(servers.replicaPort)", "--set",
                "password=\(RedisServers.password)",
            ])
        let page = try await replica.metrics()
        #expect(page.value("redis_master_link_up") == 1)
        #expect(page["redis_slave_info"]?.samples.isEmpty == false)
        let own = try await ours.metrics()
        for name in try metricNames(inShared: "redis", prefixes: ["redis_"]) {
            #expect(own.has(name) || page.has(name), "share names \(name)")
        }
        // One process for several servers, of which those get the password that it was told about.
        let stranger = try await ours.get("/scrape?target=redis://localhost:\(servers.replicaPort)")
        #expect(stranger.status == 403 && stranger.text.contains("probe_targets"), "\(stranger)")
        let probed = try await ours.metrics(
            "/scrape?target=rediss://localhost:\(servers.tlsPort)&check-single-keys=db0=key:1,short"
        )
        #expect(probed.value("redis_up") == 1)
        #expect(probed.value("redis_key_size", ["key": "short"]) == 5)
        for server in [ours, replica] { #expect(!server.log.contains(RedisServers.password)) }
    }

    /// Restarted, refused, hung, another password: collecting goes on by itself, and says why not.
    @Test(.timeLimit(.minutes(2))) func redisThatFails() async throws {
        let servers = try await RedisServers()
        let file = servers.folder.path + "/password"
        try RedisServers.password.write(toFile: file, atomically: true, encoding: .utf8)
        let weir = try await MetricsServer.weir(
            "redis",
            [
                "--endpoint", "redis://localhost:\(servers.port)", "--set",
                "password_file=\(file)", "--set", "timeout=2s",
            ])
        func isUp(_ wanted: Double) async -> Bool {
            await eventually(within: 40) {
                (try? await weir.metrics())?.value("redis_up") == wanted
            }
        }
        #expect(await isUp(1))
        // Killed connections are opened again within the collection.
        try await servers.command("CLIENT", "KILL", "TYPE", "normal")
        #expect(try await weir.metrics().value("redis_up") == 1)
        // Another password: refused, until the file has it.
        try await servers.command("CONFIG", "SET", "requirepass", "an0ther")
        try await servers.command("CLIENT", "KILL", "TYPE", "normal", password: "an0ther")
        #expect(await isUp(0))
        try "an0ther".write(toFile: file, atomically: true, encoding: .utf8)
        #expect(await isUp(1))
        // Hung: the deadline ends it.
        servers.signal(SIGSTOP)
        let began = ContinuousClock.now
        let page = try await weir.metrics()
        #expect(page.value("redis_up") == 0)
        #expect(.now - began < .seconds(8))
        servers.signal(SIGCONT)
        #expect(await isUp(1))
        // Gone and back, with its old password.
        let files = weir.openFiles
        servers.kill()
        #expect(await isUp(0))
        try "\(RedisServers.password)\n".write(toFile: file, atomically: true, encoding: .utf8)
        try await servers.start()
        #expect(await isUp(1))
        #expect(weir.openFiles <= files + 4)
        for secret in [RedisServers.password, "an0ther"] { #expect(!weir.log.contains(secret)) }
        #expect(try await weir.stop() == 0)
    }
}
