import Testing

@testable import RedisPlugin

/// What becomes of INFO.
@Suite struct InfoTests {
    private func samples(_ text: String, databases: Int = 1) -> [String: Double] {
        let report = InfoReport(InfoText(text), now: 1000.5, includesSystem: false)
        var found: [String: Double] = [:]
        for sample in report.samples(databases: databases) {
            let labels = sample.labels.filter { !$0.value.isEmpty }.map { "\($0.name)=\($0.value)" }
            found[sample.name + "{" + labels.joined(separator: ",") + "}"] = sample.value
        }
        return found
    }

    static let lines: [(String, String, Double?)] = [
        ("# Memory\r\nused_memory:1024\r\n", "memory_used_bytes{}", 1024),
        ("# Stats\r\ntotal_commands_processed:7\r\n", "commands_processed_total{}", 7),
        ("# Stats\nlatest_fork_usec:1500\n", "latest_fork_seconds{}", 0.0015),
        ("# Persistence\nrdb_last_bgsave_status:ok\n", "rdb_last_bgsave_status{}", 1),
        ("# Persistence\naof_last_write_status:err\n", "aof_last_write_status{}", 0),
        ("# Server\nuptime_in_seconds:100\n", "start_time_seconds{}", 900),
        ("# Server\nunknown_field:100\n", "unknown_field{}", nil),
        ("# Server\ntotal_system_memory:1\n", "total_system_memory_bytes{}", nil),
        ("# Memory\nused_memory:abc\n", "memory_used_bytes{}", nil),
        ("# Cluster\ncluster_enabled:1\n", "cluster_enabled{}", 1),
        ("cluster_state:ok\n", "cluster_state{}", 1),
        ("# Keyspace\ndb0:keys=5,expires=2,avg_ttl=1500\n", "db_keys{db=db0}", 5),
        ("# Keyspace\ndb0:keys=5,expires=2,avg_ttl=1500\n", "db_avg_ttl_seconds{db=db0}", 1.5),
        ("# Keyspace\ndb3:keys=5\n", "db_keys{db=db3}", nil),
        ("", "db_keys{db=db0}", 0),
        (
            "# Commandstats\ncmdstat_get:calls=21,usec=175,usec_per_call=8.33\n",
            "commands_duration_seconds_total{cmd=get}", 0.000175
        ),
        (
            "# Commandstats\ncmdstat_config|get:calls=2,usec=1,usec_per_call=1,rejected_calls=3,failed_calls=4\n",
            "commands_failed_calls_total{cmd=config|get}", 4
        ),
        ("# Errorstats\nerrorstat_ERR:count=4\n", "errors_total{err=ERR}", 4),
        (
            "# Replication\nrole:slave\nmaster_host:10.0.0.1\nmaster_port:6379\nmaster_link_status:up\n",
            "master_link_up{master_host=10.0.0.1,master_port=6379}", 1
        ),
        (
            "# Replication\nmaster_1_host:b\nmaster_1_port:1\nmaster_1_last_io_seconds_ago:3\n",
            "master_last_io_seconds_ago{master_host=b,master_port=1}", 3
        ),
        (
            "# Replication\nslave0:ip=10.0.0.2,port=6380,state=online,offset=42,lag=1\n",
            "connected_slave_offset_bytes{slave_ip=10.0.0.2,slave_port=6380,slave_state=online}", 42
        ),
        (
            "# Sentinel\nmaster0:name=a,status=sdown,address=10.0.0.1:6379,slaves=2,sentinels=3\n",
            "sentinel_master_status{master_name=a,master_address=10.0.0.1:6379,master_status=sdown}",
            0
        ),
        ("# Sentinel\nsentinel_masters:2\n", "sentinel_masters{}", 2),
    ]

    @Test(arguments: lines) func reads(_ text: String, _ series: String, _ value: Double?) {
        #expect(samples(text)[series] == value)
    }

    /// A server can send any number; none of them ends the process.
    @Test(arguments: [
        ("1e300", UInt64.max), ("inf", .max), ("nan", 0), ("-7", 0), ("2.5", 2),
        ("18446744073709551616", .max),
    ])
    func countsThatAreNone(_ calls: String, _ count: UInt64) throws {
        let text =
            "# Commandstats\ncmdstat_get:calls=\(calls),usec=30\n"
            + "# Latencystats\nlatency_percentiles_usec_get:p50=1\n"
        let found = InfoReport(InfoText(text), now: 0, includesSystem: false).samples(databases: 0)
        let one = try #require(found.first { $0.name == "latency_percentiles_usec" })
        #expect(one.kind == .summary(quantiles: [50], values: [1], count: count))
    }

    @Test func latenciesNeedCalls() throws {
        let text = """
            # Commandstats
            cmdstat_get:calls=2,usec=30,usec_per_call=15
            # Latencystats
            latency_percentiles_usec_get:p99=9,p50=1,p99.9=12
            latency_percentiles_usec_set:p50=1
            """
        let report = InfoReport(InfoText(text), now: 0, includesSystem: false)
        let found = report.samples(databases: 0).filter { $0.name == "latency_percentiles_usec" }
        let one = try #require(found.first)
        #expect(found.count == 1)
        #expect(
            one.kind == .summary(quantiles: [50, 99, 99.9], values: [1, 9, 12], count: 2))
        #expect(one.value == 30)
    }

    /// A server that repeats itself gives no series twice.
    @Test func aSeriesComesOnce() {
        var samples = Samples()
        let text = "# Memory\nused_memory:1\nused_memory:2\n# Keyspace\ndb0:keys=1,expires=0\n"
        samples.add(
            InfoReport(InfoText(text + text), now: 0, includesSystem: false).samples(databases: 2))
        #expect(Set(samples.all.map(\.identity)).count == samples.all.count)
    }

    static let targets: [(String, String, Bool, String?, String?)] = [
        ("redis://db", "db:6379", false, nil, nil),
        ("db:7000", "db:7000", false, nil, nil),
        ("rediss://u:p%40ss@db:1/3", "db:1", true, "u", "p@ss"),
        ("redis://:secret@db", "db:6379", false, nil, "secret"),
        ("redis://[::1]:7", "[::1]:7", false, nil, nil),
        ("[::1]", "[::1]:6379", false, nil, nil),
        ("unix:/run/redis.sock", "unix:/run/redis.sock", false, nil, nil),
        ("unix:///run/redis.sock", "unix:/run/redis.sock", false, nil, nil),
    ]

    @Test(arguments: targets)
    func readsTargets(
        _ text: String, _ address: String, _ tls: Bool, _ user: String?, _ password: String?
    ) throws {
        let target = try RedisTarget(parsing: text)
        #expect(target.address == address)
        #expect(target.usesTLS == tls)
        #expect(target.username == user)
        #expect(target.password == password)
    }

    @Test(arguments: ["http://db:1", "redis://", "redis://:6379"])
    func refusesTargets(_ text: String) {
        #expect(throws: (any Error).self) { try RedisTarget(parsing: text) }
    }

    @Test func readsPatterns() throws {
        let list = try KeyPattern.list(["db3=session:*, plain", "2=a*"], in: "check_keys")
        #expect(
            list == [
                KeyPattern(database: 3, key: "session:*"), KeyPattern(database: 0, key: "plain"),
                KeyPattern(database: 2, key: "a*"),
            ])
        #expect(throws: (any Error).self) { try KeyPattern.list(["dbx=a"], in: "check_keys") }
    }
}
