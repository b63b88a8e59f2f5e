import WeirSDK

/// What is asked beside INFO. A command that the server does not know or not allow is left out.
struct ServerChecks {
    let connection: RedisConnection
    let settings: RedisSettings

    /// How many databases the server has, as far as CONFIG tells.
    func configuration(_ samples: inout Samples) throws(ComponentError) -> Int? {
        guard !settings.configCommand.isEmpty,
            let table = try connection.tryAsk(settings.configCommand, "GET", "*")?.table
        else { return nil }
        for (key, value) in table.sorted(by: { $0.key < $1.key }) {
            let text = value.string ?? ""
            if settings.includeConfigMetrics, !Self.isSecret(key) {
                samples.add(.gauge("config_key_value", 1, ["key": key, "value": text]))
                if let number = Double(text) {
                    samples.add(.gauge("config_value", number, ["key": key]))
                }
            }
            guard let number = Double(text) else { continue }
            switch key {
            case "io-threads": samples.add(.gauge("config_io_threads", number))
            case "maxclients": samples.add(.gauge("config_maxclients", number))
            case "maxmemory": samples.add(.gauge("config_maxmemory", number))
            default: break
            }
        }
        return table["databases"]?.integer.flatMap { (0...100_000).contains($0) ? Int($0) : nil }
    }

    /// Anything that may hold a password.
    static func isSecret(_ key: String) -> Bool {
        key.contains("pass") || key.contains("auth") || key.contains("user")
    }

    func latency(_ samples: inout Samples) throws(ComponentError) {
        for event in try connection.tryAsk("LATENCY", "LATEST")?.list ?? [] {
            guard let fields = event.list, fields.count >= 3, let name = fields[0].string,
                let last = fields[1].integer, let length = fields[2].integer
            else { continue }
            samples.add(.gauge("latency_spike_last", Double(last), ["event_name": name]))
            samples.add(
                .gauge(
                    "latency_spike_duration_seconds", Double(length) / 1000, ["event_name": name]))
        }
    }

    func slowLog(_ samples: inout Samples) throws(ComponentError) {
        if let length = try connection.tryAsk("SLOWLOG", "LEN")?.integer {
            samples.add(.gauge("slowlog_length", Double(length)))
        }
        guard let entries = try connection.tryAsk("SLOWLOG", "GET", "1")?.list else { return }
        let last = entries.first?.list ?? []
        let id = last.first?.integer ?? 0
        let duration = last.count > 2 ? last[2].integer ?? 0 : 0
        samples.add(.gauge("slowlog_last_id", Double(id)))
        samples.add(.gauge("last_slow_execution_duration_seconds", Double(duration) / 1e6))
    }

    func cluster(_ report: InfoReport, _ samples: inout Samples) throws(ComponentError) {
        guard let text = try connection.tryAsk("CLUSTER", "INFO")?.string else { return }
        for line in InfoText(text).lines {
            if let sample = report.field(line.key, line.value) { samples.add(sample) }
        }
    }

    func sentinel(_ samples: inout Samples) throws(ComponentError) {
        for master in try connection.tryAsk("SENTINEL", "MASTERS")?.list ?? [] {
            let table = master.table
            guard let name = table["name"]?.string, let host = table["ip"]?.string,
                let port = table["port"]?.string
            else { continue }
            let address = "\(host):\(port)"
            let quorum = try connection.send(["SENTINEL", "CKQUORUM", name])
            samples.add(
                .gauge(
                    "sentinel_master_ckquorum_status", quorum.error == nil ? 1 : 0,
                    ["master_name": name, "message": quorum.error ?? quorum.string ?? ""]))
            let sentinels = try connection.tryAsk("SENTINEL", "SENTINELS", name)
            samples.add(
                .gauge(
                    "sentinel_master_ok_sentinels",
                    Double(SentinelReport.healthy(sentinels) + 1),  // and the one that is asked
                    ["master_name": name, "master_address": address]))
            let slaves = try connection.tryAsk("SENTINEL", "SLAVES", name)
            samples.add(
                .gauge(
                    "sentinel_master_ok_slaves", Double(SentinelReport.healthy(slaves)),
                    ["master_name": name, "master_address": address]))
        }
    }
}
