import WeirSDK

extension KeyChecks {
    /// Length, groups and consumers of a stream. `nil`: it is on another node.
    mutating func stream(_ key: KeyPattern) throws(ComponentError) -> [Sample]? {
        guard try connection.select(key.database) else { return [] }
        let reply = try connection.send(["XINFO", "STREAM", key.key])
        if reply.error?.hasPrefix("MOVED ") == true { return nil }
        note(reply)
        if reply.error != nil { return [] }
        let stream = reply.table
        let db = "db\(key.database)"
        func number(_ field: String) -> Double { Double(stream[field]?.integer ?? 0) }
        var samples: [Sample] = [
            .gauge("stream_length", number("length"), ["db": db, "stream": key.key]),
            .gauge(
                "stream_radix_tree_keys", number("radix-tree-keys"), ["db": db, "stream": key.key]),
            .gauge(
                "stream_radix_tree_nodes", number("radix-tree-nodes"),
                ["db": db, "stream": key.key]),
            .gauge(
                "stream_last_generated_id", Self.moment(stream["last-generated-id"]),
                ["db": db, "stream": key.key]),
            .gauge("stream_groups", number("groups"), ["db": db, "stream": key.key]),
        ]
        for entry in try connection.tryAsk("XINFO", "GROUPS", key.key)?.list ?? [] {
            let group = entry.table
            guard let name = group["name"]?.string else { continue }
            samples += Self.group(group, name, db, key.key)
            let consumers = try connection.tryAsk("XINFO", "CONSUMERS", key.key, name)?.list ?? []
            samples += consumers.flatMap { Self.consumer($0.table, name, db, key.key) }
        }
        return samples
    }

    private static func group(
        _ group: [String: RESPValue], _ name: String, _ db: String, _ key: String
    ) -> [Sample] {
        let labels: KeyValuePairs = ["db": db, "stream": key, "group": name]
        return [
            .gauge(
                "stream_group_consumers", Double(group["consumers"]?.integer ?? 0), labels),
            .gauge(
                "stream_group_messages_pending", Double(group["pending"]?.integer ?? 0), labels),
            .gauge(
                "stream_group_last_delivered_id", moment(group["last-delivered-id"]), labels),
        ]
    }

    private static func consumer(
        _ consumer: [String: RESPValue], _ group: String, _ db: String, _ key: String
    ) -> [Sample] {
        guard let name = consumer["name"]?.string else { return [] }
        let labels: KeyValuePairs = ["db": db, "stream": key, "group": group, "consumer": name]
        return [
            .gauge(
                "stream_group_consumer_messages_pending",
                Double(consumer["pending"]?.integer ?? 0), labels),
            .gauge(
                "stream_group_consumer_idle_seconds",
                Double(consumer["idle"]?.integer ?? 0) / 1000, labels),
        ]
    }

    /// The milliseconds of `1526919030474-55`.
    private static func moment(_ id: RESPValue?) -> Double {
        (id?.string?.prefix { $0 != "-" }).flatMap { Double($0) } ?? 0
    }
}
