/// What a sentinel says of the masters that it watches.
enum SentinelReport {
    /// Lines of the section Sentinel.
    static func samples(_ line: InfoText.Line) -> [Sample] {
        switch line.key {
        case "sentinel_masters", "sentinel_tilt", "sentinel_running_scripts",
            "sentinel_scripts_queue_length", "sentinel_simulate_failure_flags":
            return [.gauge(line.key, Double(line.value) ?? 0)]
        default: break
        }
        // master0:name=cache,status=ok,address=10.0.0.1:6379,slaves=1,sentinels=3
        guard line.key.hasPrefix("master"), line.key.dropFirst(6).first?.isNumber == true else {
            return []
        }
        let pairs = InfoText.pairs(line.value)
        guard let slaves = pairs["slaves"].flatMap({ Double($0) }),
            let sentinels = pairs["sentinels"].flatMap({ Double($0) })
        else { return [] }
        let (name, address) = (String(pairs["name"] ?? ""), String(pairs["address"] ?? ""))
        let status = String(pairs["status"] ?? "")
        return [
            .gauge(
                "sentinel_master_status", status == "ok" ? 1 : 0,
                ["master_name": name, "master_address": address, "master_status": status]),
            .gauge(
                "sentinel_master_slaves", slaves,
                ["master_name": name, "master_address": address]),
            .gauge(
                "sentinel_master_sentinels", sentinels,
                ["master_name": name, "master_address": address]),
        ]
    }

    /// How many of a list are neither subjectively nor objectively down.
    static func healthy(_ list: RESPValue?) -> Int {
        (list?.list ?? []).count { entry in
            let flags = entry.table["flags"]?.string ?? ""
            return !flags.isEmpty && !flags.contains("s_down") && !flags.contains("o_down")
        }
    }
}
