/// The master that the last lines spoke of; KeyDB has several (`master_1_host`).
struct MasterName {
    private(set) var host = ""
    private(set) var port = ""

    mutating func read(_ line: InfoText.Line) {
        guard line.key.hasPrefix("master_") else { return }
        switch Self.unnumbered(line.key) {
        case "master_host": host = String(line.value)
        case "master_port": port = String(line.value)
        default: break
        }
    }

    /// `master_1_host` is `master_host`.
    static func unnumbered(_ key: String) -> String {
        guard key.hasPrefix("master_") else { return key }
        let rest = key.dropFirst(7)
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty, rest.dropFirst(digits.count).hasPrefix("_") else { return key }
        return "master_" + rest.dropFirst(digits.count + 1)
    }
}

/// The section Replication.
enum ReplicationReport {
    /// `nil`: a field like any other.
    static func samples(_ line: InfoText.Line, _ master: MasterName) -> [Sample]? {
        let key = MasterName.unnumbered(line.key)
        func gauge(_ value: Double) -> [Sample] {
            [.gauge(key, value, ["master_host": master.host, "master_port": master.port])]
        }
        switch key {
        case "master_link_status":
            let isUp = line.value == "up" ? 1.0 : 0
            return [
                .gauge(
                    "master_link_up", isUp,
                    ["master_host": master.host, "master_port": master.port])
            ]
        case "master_last_io_seconds_ago", "master_sync_in_progress", "slave_repl_offset":
            return gauge(Double(line.value) ?? 0)
        default: return replica(line)
        }
    }

    /// `slave0:ip=10.0.0.1,port=6379,state=online,offset=175,lag=0`.
    private static func replica(_ line: InfoText.Line) -> [Sample]? {
        guard line.key.hasPrefix("slave"), line.key.dropFirst(5).first?.isNumber == true else {
            return nil
        }
        let pairs = InfoText.pairs(line.value)
        guard let offset = pairs["offset"].flatMap({ Double($0) }) else { return nil }
        func sample(_ name: String, _ value: Double) -> Sample {
            .gauge(
                name, value,
                [
                    "slave_ip": String(pairs["ip"] ?? ""),
                    "slave_port": String(pairs["port"] ?? ""),
                    "slave_state": String(pairs["state"] ?? ""),
                ])
        }
        var samples = [sample("connected_slave_offset_bytes", offset)]
        // Since Redis 3.
        if let lag = pairs["lag"].flatMap({ Double($0) }) {
            samples.append(sample("connected_slave_lag_seconds", lag))
        }
        return samples
    }
}
