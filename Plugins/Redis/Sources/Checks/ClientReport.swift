/// Lines of CLIENT LIST: `id=11 addr=127.0.0.1:63508 fd=8 name= age=6321 idle=6320 flags=N db=0 …`.
enum ClientReport {
    /// More clients than this are left out: each is a series.
    static let limit = 10_000

    /// - Parameter now: seconds since 1970.
    static func samples(_ text: String, now: Int64, withPort: Bool) -> [Sample] {
        text.split(separator: "\n").prefix(limit).compactMap { sample($0, now, withPort) }
    }

    private static func sample(_ line: Substring, _ now: Int64, _ withPort: Bool) -> Sample? {
        var fields: [Substring: Substring] = [:]
        for part in line.split(separator: " ") {
            guard let equals = part.firstIndex(of: "=") else { continue }
            fields[part[..<equals]] = part[part.index(after: equals)...]
        }
        guard let age = fields["age"].flatMap({ Int64($0) }),
            let idle = fields["idle"].flatMap({ Int64($0) }), let address = fields["addr"],
            let colon = address.lastIndex(of: ":")
        else { return nil }
        func text(_ key: Substring) -> String { String(fields[key] ?? "") }
        var labels = [
            ("name", text("name")), ("created_at", String(now &- age)),
            ("idle_since", String(now &- idle)), ("flags", text("flags")), ("db", text("db")),
            ("omem", text("omem")), ("cmd", text("cmd")), ("host", String(address[..<colon])),
        ]
        if withPort { labels.append(("port", String(address[address.index(after: colon)...]))) }
        return Sample(name: "connected_clients_details", kind: .gauge, value: 1, labels: labels)
    }
}
