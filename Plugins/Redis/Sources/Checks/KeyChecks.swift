import WeirSDK

/// Looks at keys and streams that people asked for.
struct KeyChecks {
    /// Bytes of a text that is read.
    private static let longestValue: Int64 = 1 << 20

    let connection: RedisConnection
    let settings: RedisSettings
    let host: Host
    /// Keys are looked at until then.
    let deadline: Deadline

    /// What was left out, because there is more than is looked at.
    private(set) var isCut = false
    /// What the server said to a command that this user may not use.
    private(set) var denied: String?

    init(
        _ connection: RedisConnection, _ settings: RedisSettings, _ host: Host, _ deadline: Deadline
    ) {
        self.connection = connection
        self.settings = settings
        self.host = host
        self.deadline = deadline
    }

    /// The keys that patterns stand for, in the order of the patterns; at most `max_keys` in all.
    mutating func expand(_ patterns: [KeyPattern]) throws(ComponentError) -> [KeyPattern] {
        var found: [KeyPattern] = []
        var known: Set<KeyPattern> = []
        for pattern in patterns {
            guard pattern.isPattern else {
                if known.insert(pattern).inserted { found.append(pattern) }
                continue
            }
            var room = settings.maxKeys - found.count
            let whole = try scan(pattern) { key in
                let key = KeyPattern(database: pattern.database, key: key)
                guard known.insert(key).inserted else { return true }
                found.append(key)
                room -= 1
                return room > 0
            }
            if !whole { isCut = true }
        }
        return found
    }

    /// SCAN until the end, or until `take` has enough. False: there was more.
    private func scan(
        _ pattern: KeyPattern, _ take: (String) -> Bool
    ) throws(ComponentError) -> Bool {
        guard try connection.select(pattern.database) else { return true }
        var cursor = "0"
        repeat {
            if host.isCancelled || host.hasPassed(deadline) {
                throw .timeout("looking for keys like \(pattern.key) took too long")
            }
            let reply = try connection.ask(
                "SCAN", cursor, "MATCH", pattern.key, "COUNT", String(settings.checkKeysBatchSize))
            guard let parts = reply.list, parts.count == 2, let next = parts[0].string,
                let keys = parts[1].list
            else { throw .refused("SCAN: the server's reply is not a cursor and a list") }
            for key in keys {
                if let name = key.string, !take(name) { return false }
            }
            cursor = next
        } while cursor != "0"
        return true
    }

    func count(_ patterns: [KeyPattern]) throws(ComponentError) -> [Sample] {
        var samples: [Sample] = []
        for pattern in patterns {
            var count = 0
            _ = try scan(pattern) { _ in
                count += 1
                return true
            }
            samples.append(
                .gauge(
                    "keys_count", Double(count),
                    ["db": "db\(pattern.database)", "key": pattern.key]))
        }
        return samples
    }

    /// Size, and value of a text. `nil`: the key is on another node.
    mutating func look(at key: KeyPattern) throws(ComponentError) -> [Sample]? {
        guard try connection.select(key.database) else { return [] }
        let reply = try connection.send(["TYPE", key.key])
        if reply.error?.hasPrefix("MOVED ") == true { return nil }
        note(reply)
        guard let type = reply.string else { return [] }
        let labels: KeyValuePairs = ["db": "db\(key.database)", "key": key.key]
        guard let size = try size(of: key.key, type) else { return [] }
        var samples: [Sample] = [.gauge("key_size", Double(size), labels)]
        // What is longer than this is no number, and no label either; a reply has its limit, too.
        if type == "string", size <= Self.longestValue,
            let text = try ask("GET", key.key)?.string
        {
            if let number = Double(text) {
                samples.append(.gauge("key_value", number, labels))
            } else {
                samples.append(
                    .gauge(
                        "key_value_as_string", 1,
                        [
                            "db": "db\(key.database)", "key": key.key,
                            "val": String(text.prefix(1024)),
                        ]))
            }
        }
        return samples
    }

    /// `nil`: it has none, or this user may not ask for it.
    private mutating func size(
        of key: String, _ type: String
    ) throws(ComponentError) -> Int64? {
        switch type {
        case "none": return 0
        case "string":
            // Of a HyperLogLog STRLEN gives the bytes; PFCOUNT refuses all other texts.
            if let count = try connection.tryAsk("PFCOUNT", key)?.integer { return count }
            return try ask("STRLEN", key)?.integer
        case "list": return try ask("LLEN", key)?.integer
        case "set": return try ask("SCARD", key)?.integer
        case "zset": return try ask("ZCARD", key)?.integer
        case "hash": return try ask("HLEN", key)?.integer
        case "stream": return try ask("XLEN", key)?.integer
        default: return nil
        }
    }

    private mutating func ask(_ command: String, _ key: String) throws(ComponentError) -> RESPValue?
    {
        let reply = try connection.send([command, key])
        note(reply)
        return reply.error == nil ? reply : nil
    }

    /// Keeps that something is not allowed.
    mutating func note(_ reply: RESPValue) {
        if let text = reply.error, text.hasPrefix("NOPERM") { denied = denied ?? text }
    }
}
