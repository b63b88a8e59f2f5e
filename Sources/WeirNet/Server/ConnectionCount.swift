/// A connection that is not let in, because of how many are open.
package struct ConnectionRefusal: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case all = "too_many_connections"
        case perClient = "too_many_connections_of_client"
    }
    package let kind: Kind
    /// The address of the client and its port.
    package let peer: String
    /// What was found and what to change.
    package let text: String

    init(_ kind: Kind, peer: String, options: ServerOptions) {
        self.kind = kind
        self.peer = peer
        let endpoint = options.endpoint
        switch kind {
        case .all:
            text =
                "\(options.maxConnections) connections are open at \(endpoint), as many as "
                + "max_connections allows: raise it, or let clients keep fewer of them open"
        case .perClient:
            text =
                "this address has \(options.maxConnectionsPerClient) connections open at "
                + "\(endpoint), as many as max_connections_per_client allows: let the client send "
                + "its requests over fewer, or raise the limit where a proxy speaks for many clients"
        }
    }
}

/// The connections that are open at a server, of all clients and of each. A value.
struct ConnectionCount: Sendable {
    private(set) var all = 0
    private var clients: [String: Int] = [:]

    /// Whether nobody is remembered.
    var isEmpty: Bool { all == 0 && clients.isEmpty }

    /// Lets a connection in, or says why not.
    ///
    /// - Parameter client: an address; `nil`: it counts among all alone.
    mutating func enter(_ client: String?, _ options: ServerOptions) -> ConnectionRefusal.Kind? {
        if options.maxConnections > 0, all >= options.maxConnections { return .all }
        if let client {
            let open = clients[client] ?? 0
            if open >= options.maxConnectionsPerClient { return .perClient }
            clients[client] = open + 1
        }
        all += 1
        return nil
    }

    /// One that was let in has ended.
    mutating func leave(_ client: String?) {
        all -= 1
        guard let client, let open = clients[client] else { return }
        clients[client] = open > 1 ? open - 1 : nil
    }
}
