import Foundation
import Testing
import WeirSDK
import WeirTestKit

@testable import RedisPlugin

/// The exporter against real servers, on virtual time.
@Suite(.serialized, .timeLimit(.minutes(2))) struct RedisExporterTests {
    @Test func conforms() throws { try conformance(plugin) }

    private func start(
        _ host: FakeHost, _ server: RedisServer, _ settings: String = ""
    ) throws -> TestInstance {
        try host.start(
            plugin, .exporter, "redis",
            settings: #"{"endpoint": "127.0.0.1:\#(server.port)"\#(settings)}"#)
    }

    private func collect(
        _ host: FakeHost, _ instance: TestInstance
    ) -> (metrics: CollectedMetrics, error: ComponentError?) {
        instance.collectOutcome(deadline: host.asSeenByPlugin.deadline(in: .seconds(10)))
    }

    private func value(
        _ metrics: CollectedMetrics, _ name: String, _ labels: [String: String] = [:]
    ) -> Double? {
        let point = metrics.named(name).first { point in
            labels.allSatisfy { label in
                point.attributes.contains {
                    $0.key == label.key && $0.value == .string(label.value)
                }
            }
        }
        guard case .number(let number)? = point?.value else { return nil }
        return number
    }

    @Test func readsAServer() throws {
        let server = try RedisServer()
        for index in 0..<5 { try server.command("SET", "key:\(index)", "v") }
        try server.command("-n", "3", "SET", "number", "42.5")
        try server.command("-n", "3", "RPUSH", "list", "a", "b", "c")
        try server.command("XADD", "orders", "1526919030474-55", "a", "b")
        try server.command("XGROUP", "CREATE", "orders", "billing", "0")
        try server.command("XREADGROUP", "GROUP", "billing", "anna", "STREAMS", "orders", ">")
        try server.command("PFADD", "visitors", "a", "b", "c")
        try server.command("SETRANGE", "huge", "40000000", "x")
        let host = FakeHost()
        let instance = try start(
            host, server,
            #", "check_keys": ["db3=*", "visit*"], "check_single_keys": ["missing", "huge"], "#
                + #""check_streams": ["ord*"], "count_keys": ["key:*"], "export_client_list": true, "#
                + #""include_config_metrics": true, "ping_on_connect": true"#)
        let (metrics, error) = collect(host, instance)
        #expect(error == nil)
        #expect(value(metrics, "redis_up") == 1)
        #expect(value(metrics, "redis_db_keys", ["db": "db0"]) == 8)
        #expect(value(metrics, "redis_db_keys", ["db": "db15"]) == 0)
        #expect(value(metrics, "redis_commands_total", ["cmd": "set"]) == 6)
        #expect(value(metrics, "redis_key_value", ["key": "number"]) == 42.5)
        #expect(value(metrics, "redis_key_size", ["key": "list", "db": "db3"]) == 3)
        #expect(value(metrics, "redis_key_size", ["key": "visitors"]) == 3)
        #expect(value(metrics, "redis_key_size", ["key": "missing"]) == 0)
        #expect(value(metrics, "redis_key_size", ["key": "huge"]) == 40_000_001)
        #expect(
            !metrics.named("redis_key_value_as_string").contains {
                $0.attributes.contains { $0.value == "huge" }
            })
        #expect(value(metrics, "redis_keys_count", ["key": "key:*"]) == 5)
        #expect(value(metrics, "redis_stream_length", ["stream": "orders"]) == 1)
        #expect(value(metrics, "redis_stream_last_generated_id") == 1_526_919_030_474)
        #expect(value(metrics, "redis_stream_group_messages_pending", ["group": "billing"]) == 1)
        #expect(
            value(metrics, "redis_stream_group_consumer_messages_pending", ["consumer": "anna"])
                == 1)
        #expect(value(metrics, "redis_connected_clients_details", ["name": "weir"]) == 1)
        #expect(value(metrics, "redis_config_value", ["key": "databases"]) == 16)
        #expect(value(metrics, "redis_slowlog_length") != nil)
        let summaries = metrics.named("redis_latency_percentiles_usec")
        #expect(!summaries.isEmpty && summaries.allSatisfy { $0.kind == .summary })
        #expect(metrics.points.allSatisfy { $0.isPrometheus })
        let series = metrics.points.map { "\($0.name)\($0.attributes)" }
        #expect(Set(series).count == series.count)
        // The second time over the same connection.
        #expect(collect(host, instance).error == nil)
        #expect(host.streams.madeCount == 1)
        try instance.end()
    }

    /// A node of a cluster that is down leaves the others as they are.
    @Test func aClusterWithoutOneNode() throws {
        let ports = [LoopbackSocket.freePort(), LoopbackSocket.freePort()]
        let servers = try ports.map { port in
            try RedisServer([
                "--cluster-enabled", "yes", "--cluster-require-full-coverage", "no",
                "--cluster-port", "\(port)",
            ])
        }
        for (server, slots) in zip(servers, [["0", "8191"], ["8192", "16383"]]) {
            try server.command(["CLUSTER", "ADDSLOTSRANGE"] + slots)
        }
        try servers[0].command("CLUSTER", "MEET", "127.0.0.1", "\(servers[1].port)", "\(ports[1])")
        let port = "\(servers[1].port)"
        for _ in 0..<200 where try !servers[0].command("CLUSTER", "SLOTS").contains(port) {
            usleep(100_000)
        }
        // Their slots are 3300 and 12182.
        for (server, key) in zip(servers, ["b", "foo"]) {
            // A cluster that has just begun takes nothing for a while.
            for _ in 0..<200 where try server.command("SET", key, "7") != "OK\n" { usleep(100_000) }
        }
        let host = FakeHost()
        let instance = try start(
            host, servers[0], #", "cluster": true, "check_keys": ["b", "foo"], "count_keys": ["*"]"#
        )
        let whole = collect(host, instance)
        #expect(whole.error == nil, "\(whole.error as Any)")
        #expect(value(whole.metrics, "redis_key_value", ["key": "b"]) == 7)
        #expect(value(whole.metrics, "redis_key_value", ["key": "foo"]) == 7)
        #expect(value(whole.metrics, "redis_keys_count", ["key": "*"]) == 2)
        servers[1].stop()
        let half = collect(host, instance)
        #expect(half.error == nil, "\(half.error as Any)")
        #expect(value(half.metrics, "redis_up") == 1)
        #expect(value(half.metrics, "redis_key_value", ["key": "b"]) == 7)
        #expect(half.metrics.named("redis_keys_count").isEmpty)
        #expect(host.logs.contains { $0.message.contains(port) })
        try instance.end()
    }

    @Test func readsOverAUnixSocket() throws {
        let server = try RedisServer()
        let host = FakeHost()
        let instance = try host.start(
            plugin, .exporter, "redis", settings: #"{"endpoint": "unix:\#(server.socket)"}"#)
        #expect(collect(host, instance).error == nil)
        try instance.end()
    }

    /// Whatever goes wrong with a password, it is said, and the password is not.
    @Test func passwords() throws {
        let server = try RedisServer("--requirepass", "s3cret")
        let host = FakeHost()
        let without = try start(host, server)
        let (metrics, error) = collect(host, without)
        #expect(error?.message.contains("set password or password_file") == true)
        #expect(value(metrics, "redis_up") == 0)
        #expect(value(metrics, "redis_exporter_last_scrape_error") == 1)
        try without.end()

        let file = try server.folder.write("wr0ng\n", to: "password")
        let withFile = try start(host, server, #", "password_file": "\#(file)""#)
        let wrong = collect(host, withFile)
        #expect(wrong.error?.message.contains("does not take the password") == true)
        #expect(value(wrong.metrics, "redis_up") == 0)
        // Inside the backoff nothing is tried.
        let before = host.streams.madeCount
        let waiting = collect(host, withFile)
        #expect(waiting.error?.message.contains("next attempt in") == true)
        // The label does not count the seconds: it would be a new series each time.
        #expect(
            waiting.metrics.named("redis_exporter_last_scrape_error").map(\.attributes)
                == wrong.metrics.named("redis_exporter_last_scrape_error").map(\.attributes))
        #expect(value(waiting.metrics, "redis_up") == 0)
        #expect(host.streams.madeCount == before)
        // The file is read again for each connection.
        try server.folder.write("s3cret\n", to: "password")
        host.advance(by: .seconds(2))
        #expect(collect(host, withFile).error == nil)
        try withFile.end()

        for settings in [
            #", "username": "default", "password": "s3cret""#, #", "password": "s3cret""#,
        ] {
            let instance = try start(host, server, settings)
            #expect(collect(host, instance).error == nil)
            try instance.end()
        }
        for line in host.logs {
            #expect(!line.message.contains("s3cret") && !line.message.contains("wr0ng"))
        }
        for text in [error?.message, wrong.error?.message, waiting.error?.message] {
            #expect(text?.contains("wr0ng") == false)
        }
    }

    @Test func aServerThatComesBackIsReadAtOnce() throws {
        let server = try RedisServer()
        let host = FakeHost()
        let instance = try start(host, server)
        #expect(collect(host, instance).error == nil)
        // A connection that was killed is no failure: there is a new one.
        try server.command("CLIENT", "KILL", "TYPE", "normal")
        #expect(collect(host, instance).error == nil)
        server.stop()
        #expect(collect(host, instance).error != nil)
        try server.start()
        host.advance(by: .seconds(2))
        #expect(collect(host, instance).error == nil)
        server.stop()
        // Waits double, up to a minute.
        var attempts = 0
        for _ in 0..<600 {
            let (metrics, error) = collect(host, instance)
            #expect(value(metrics, "redis_up") == 0)
            if error?.message.contains("next attempt") != true { attempts += 1 }
            host.advance(by: .seconds(1))
        }
        #expect((12...20).contains(attempts), "\(attempts)")
        try instance.end()
    }

    @Test func aSlowServerMeetsTheDeadline() throws {
        let server = try RedisServer("--enable-debug-command", "yes")
        let host = FakeHost()
        let instance = try start(host, server)
        #expect(collect(host, instance).error == nil)
        let sleeper = Thread { _ = try? server.command("DEBUG", "SLEEP", "2") }
        sleeper.start()
        usleep(200_000)
        let began = ContinuousClock.now
        let outcome = instance.collectOutcome(
            deadline: host.asSeenByPlugin.deadline(in: .milliseconds(300)))
        #expect(outcome.error != nil)
        #expect(.now - began < .milliseconds(1900))
        #expect(value(outcome.metrics, "redis_up") == 0)
        try instance.end()
        usleep(2_000_000)
    }

    /// What a server may not do to its user is left out.
    @Test func aUserWithFewRightsSeesWhatItMay() throws {
        let server = try RedisServer()
        try server.command(
            "ACL", "SETUSER", "watcher", "on", ">w4tch", "+info", "+ping", "~*")
        let host = FakeHost()
        let instance = try start(
            host, server, #", "username": "watcher", "password": "w4tch""#)
        let (metrics, error) = collect(host, instance)
        #expect(error == nil)
        #expect(value(metrics, "redis_up") == 1)
        #expect(value(metrics, "redis_db_keys", ["db": "db15"]) == 0)
        #expect(value(metrics, "redis_config_maxmemory") == nil)
        try instance.end()
    }

    /// A key without the right to it is no key of size 0, and it is said once.
    @Test func keysThatAreNotAllowedAreNamedOnce() throws {
        let server = try RedisServer()
        try server.command("RPUSH", "queue", "a", "b")
        try server.command(
            "ACL", "SETUSER", "watcher", "on", ">w4tch", "+@connection", "+info", "+type", "~*")
        let host = FakeHost()
        let instance = try start(
            host, server,
            #", "username": "watcher", "password": "w4tch", "check_single_keys": ["queue"]"#)
        for _ in 0..<3 {
            let (metrics, error) = collect(host, instance)
            #expect(error == nil && value(metrics, "redis_up") == 1)
            #expect(value(metrics, "redis_key_size", ["key": "queue"]) == nil)
            host.advance(by: .seconds(60))
        }
        let lines = host.logs.map(\.message).filter { $0.contains("NOPERM") }
        #expect(lines.count == 1 && lines[0].contains("+@read"), "\(lines)")
        try instance.end()
    }

    /// The rights of the plugin's description are enough for all that it asks, keys aside.
    @Test func theRightsOfTheDescriptionAreEnough() throws {
        let server = try RedisServer()
        try server.command(
            "ACL", "SETUSER", "mon", "on", ">m0n", "~*", "+@connection", "+info", "+config|get",
            "+slowlog", "+latency", "+client", "+scan", "+type")
        let host = FakeHost()
        let instance = try start(
            host, server,
            #", "username": "mon", "password": "m0n", "count_keys": ["*"], "export_client_list": true"#
        )
        let (metrics, error) = collect(host, instance)
        #expect(error == nil && value(metrics, "redis_slowlog_length") == 0)
        #expect(value(metrics, "redis_config_maxmemory") != nil)
        #expect(value(metrics, "redis_keys_count") == 0)
        #expect(!metrics.named("redis_connected_clients_details").isEmpty)
        try instance.end()
    }

    @Test(arguments: [
        ("127.0.0.1:163799", "'163799' as its port"), ("redis://h:0", "'0' as its port"),
        ("redis://h:hunter2", "no number as its port"), ("[::1]:", "no number as its port"),
    ])
    func portsThatAreNone(_ endpoint: String, _ expected: String) {
        let error = #expect(throws: ComponentError.self) { try RedisTarget(parsing: endpoint) }
        #expect(error?.message.contains(expected) == true, "\(error as Any)")
        #expect(error?.message.contains("hunter") == false)
    }

    @Test func aThousandFailuresLeaveNothingOpen() throws {
        let server = try RedisServer("--requirepass", "s3cret")
        let host = FakeHost()
        let instance = try start(host, server, #", "password": "wr0ng""#)
        func descriptors() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        }
        for _ in 0..<5 {
            #expect(collect(host, instance).error != nil)
            host.advance(by: .seconds(61))
        }
        let before = try descriptors()
        for _ in 0..<1000 {
            _ = collect(host, instance)
            host.advance(by: .seconds(61))
        }
        #expect(host.streams.madeCount == 1005)
        #expect(host.streams.openCount == 0)
        #expect(try descriptors() <= before + 20)
        try instance.end()
    }
}
