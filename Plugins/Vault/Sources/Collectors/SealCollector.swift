import WeirJSON
import WeirSDK

extension Metrics {
    /// `sys/seal-status`, which answers sealed or not.
    mutating func addSealStatus(_ json: JSONValue) {
        gauge(
            .sealInfo, 1,
            [
                "type": .string(json["type"]?.stringValue ?? ""),
                "storage_type": .string(json["storage_type"]?.stringValue ?? ""),
            ])
        for (key, metric) in [
            ("n", VaultMetric.sealShares), ("t", .sealThreshold), ("progress", .sealProgress),
        ] {
            if let value = json[key]?.integerValue { gauge(metric, Double(value)) }
        }
    }

    /// `sys/leader`, which an unsealed server answers.
    mutating func addLeader(_ json: JSONValue) {
        if let flag = json["ha_enabled"]?.boolValue { gauge(.haEnabled, flag) }
        if let flag = json["is_self"]?.boolValue { gauge(.leader, flag) }
        gauge(.leaderKnown, !(json["leader_address"]?.stringValue ?? "").isEmpty)
        for (key, metric) in [
            ("raft_committed_index", VaultMetric.raftCommitted),
            ("raft_applied_index", .raftApplied),
        ] {
            if let value = json[key]?.integerValue, value > 0 { gauge(metric, Double(value)) }
        }
    }

    /// `data` of `auth/token/lookup-self`.
    mutating func addToken(_ data: JSONValue) {
        gauge(.tokenRenewable, data["renewable"]?.boolValue ?? false)
        // A root token has no end.
        let ends = data["expire_time"].map { $0 != .null } ?? false
        let ttl = data["ttl"]?.integerValue ?? 0
        if ends || ttl > 0 { gauge(.tokenTTL, Double(ttl)) }
    }
}
