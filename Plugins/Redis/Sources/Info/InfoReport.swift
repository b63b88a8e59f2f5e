/// What INFO ALL says, as samples.
package struct InfoReport {
    private let info: InfoText
    private let now: Double
    private let includesSystem: Bool

    /// - Parameter now: seconds since 1970.
    package init(_ info: InfoText, now: Double, includesSystem: Bool) {
        self.info = info
        self.now = now
        self.includesSystem = includesSystem
    }

    /// - Parameter databases: how many the server has.
    package func samples(databases: Int) -> [Sample] {
        var samples: [Sample] = []
        var commands = CommandReport()
        var master = MasterName()
        var seen: Set<String> = []
        for line in info.lines {
            master.read(line)
            switch line.section {
            case "Replication":
                if let found = ReplicationReport.samples(line, master) {
                    samples += found
                    continue
                }
            case "Server":
                if line.key == "uptime_in_seconds", let uptime = Double(line.value) {
                    samples.append(.gauge("start_time_seconds", now.rounded(.down) - uptime))
                }
            case "Commandstats":
                commands.readCalls(line)
                continue
            case "Latencystats":
                commands.readLatency(line)
                continue
            case "Errorstats":
                samples += Self.errors(line)
                continue
            case "Keyspace":
                if let found = Self.keyspace(line) {
                    samples += found
                    seen.insert(line.key)
                    continue
                }
            case "Sentinel": samples += SentinelReport.samples(line)
            default: break
            }
            if let sample = field(line.key, line.value) { samples.append(sample) }
        }
        samples += commands.samples
        for number in 0..<max(0, databases) where !seen.contains("db\(number)") {
            samples.append(.gauge("db_keys", 0, ["db": "db\(number)"]))
            samples.append(.gauge("db_keys_expiring", 0, ["db": "db\(number)"]))
        }
        return samples + identity
    }

    /// One field of any section, if it is one that is given.
    package func field(_ key: String, _ value: Substring) -> Sample? {
        if key == "latest_fork_usec" {
            return Double(value).map { .gauge("latest_fork_seconds", $0 / 1e6) }
        }
        if key == "total_system_memory" {
            guard includesSystem else { return nil }
            return Double(value).map { .gauge("total_system_memory_bytes", $0) }
        }
        guard let number = InfoText.number(value) else { return nil }
        if let name = InfoCatalog.counters[key] { return .counter(name, number) }
        if let name = InfoCatalog.gauges[key] { return .gauge(name, number) }
        guard key.hasPrefix("cluster_") else { return nil }
        let isName = key.utf8.allSatisfy {
            (97...122).contains($0) || (48...57).contains($0) || $0 == 95
        }
        return isName ? .gauge(key, number) : nil
    }

    private var identity: [Sample] {
        var samples: [Sample] = [
            .gauge(
                "instance_info", 1,
                [
                    "role": info["role"], "redis_version": info["redis_version"],
                    "redis_build_id": info["redis_build_id"], "redis_mode": info["redis_mode"],
                    "os": info["os"], "maxmemory_policy": info["maxmemory_policy"],
                    "tcp_port": info["tcp_port"], "run_id": info["run_id"],
                    "process_id": info["process_id"],
                ])
        ]
        if info["role"] == "slave" {
            samples.append(
                .gauge(
                    "slave_info", 1,
                    [
                        "master_host": info["master_host"], "master_port": info["master_port"],
                        "read_only": info["slave_read_only"],
                    ]))
        }
        return samples
    }

    private static func errors(_ line: InfoText.Line) -> [Sample] {
        guard line.key.hasPrefix("errorstat_"),
            let count = InfoText.pairs(line.value)["count"].flatMap({ Double($0) })
        else { return [] }
        return [.counter("errors_total", count, ["err": String(line.key.dropFirst(10))])]
    }

    /// `db0:keys=1,expires=0,avg_ttl=0,cached_keys=0`.
    private static func keyspace(_ line: InfoText.Line) -> [Sample]? {
        guard line.key.hasPrefix("db") else { return nil }
        let pairs = InfoText.pairs(line.value)
        func number(_ key: Substring) -> Double? { pairs[key].flatMap { Double($0) } }
        guard let keys = number("keys"), let expires = number("expires") else { return nil }
        var samples: [Sample] = [
            .gauge("db_keys", keys, ["db": line.key]),
            .gauge("db_keys_expiring", expires, ["db": line.key]),
        ]
        if let cached = number("cached_keys") {
            samples.append(.gauge("db_keys_cached", cached, ["db": line.key]))
        }
        if let lifetime = number("avg_ttl") {
            samples.append(.gauge("db_avg_ttl_seconds", lifetime / 1000, ["db": line.key]))
        }
        return samples
    }
}
