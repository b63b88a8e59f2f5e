import WeirSDK

/// The masters of a cluster: each has a part of the keys.
enum ClusterNodes {
    /// Masters that are asked in one collection.
    static let limit = 1000

    /// `host:port` of each, out of CLUSTER SLOTS: rows of first slot, last slot, master, replicas.
    static func masters(_ reply: RESPValue, besides address: String) -> [String] {
        var found: [String] = []
        for row in reply.list ?? [] {
            guard let parts = row.list, parts.count >= 3, let node = parts[2].list,
                node.count >= 2, let port = node[1].integer
            else { continue }
            // A node that does not know its own name says nothing: it is the one that was asked.
            let host = node[0].string ?? ""
            let known = host.isEmpty || host == "?" ? hostOf(address) : host
            let text = known.contains(":") ? "[\(known)]:\(port)" : "\(known):\(port)"
            if !found.contains(text), found.count < limit { found.append(text) }
        }
        return found
    }

    private static func hostOf(_ address: String) -> String {
        guard let colon = address.lastIndex(of: ":") else { return address }
        let host = address[..<colon]
        return host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : String(host)
    }
}
