import Synchronization
import WeirJSON
import WeirSDK

/// HTTP clients that discoverers share where their settings are the same.
final class ClientPool: Sendable {
    private let host: Host
    private let clients = Mutex<[String: Client]>([:])

    init(_ host: Host) { self.host = host }

    func client(_ settings: HostSettings) throws(ComponentError) -> Client {
        let key = settings.json.serialized()
        if let known = clients.withLock({ $0[key] }) { return known }
        guard let http = host.httpClient else {
            throw .unsupported("this host has no HTTP client, which discovery over HTTP needs")
        }
        let made = try http.open(settings, .http)
        return clients.withLock { clients in
            // Another thread may have been faster; then this one is closed with its last reference.
            if let known = clients[key] { return known }
            clients[key] = made
            return made
        }
    }

    /// Ends all requests, and waits for what their answers set off.
    func close() {
        let all = clients.withLock { clients in
            defer { clients = [:] }
            return Array(clients.values)
        }
        for client in all { client.close() }
    }
}
