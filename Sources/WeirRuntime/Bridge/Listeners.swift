import Synchronization
import WeirNet

/// The sockets on which components listen. They are the host's: an instance that takes the place of
/// another one listens on the same socket, and no client is refused in between.
final class Listeners: Sendable {
    private struct Entry: Sendable {
        let server: HTTPServer
        let instance: ComponentInstance
    }

    private let entries = Mutex<[Entry]>([])

    func add(_ server: HTTPServer, _ instance: ComponentInstance) {
        entries.withLock { $0.append(Entry(server: server, instance: instance)) }
    }

    func remove(_ server: HTTPServer) {
        entries.withLock { $0.removeAll { $0.server === server } }
    }

    /// What components that a reload is about to end have there: the socket of the same endpoint, or
    /// else those on the same port of other addresses.
    func leaving(
        to endpoint: Endpoint, _ instance: ComponentInstance
    ) -> (socket: ListeningSocket?, neighbours: [ListeningSocket]) {
        let leaving = entries.withLock { $0 }.filter { $0.instance.isLeaving }
        for entry in leaving where entry.server.options.endpoint == endpoint {
            // A port that the system chooses is another one for each component.
            if case .tcp(_, 0) = endpoint, entry.instance.key != instance.key { continue }
            if let socket = entry.server.socket { return (socket, []) }
        }
        guard case .tcp(_, let port) = endpoint, port > 0 else { return (nil, []) }
        let neighbours = leaving.compactMap(\.server.socket).filter { socket in
            if case .tcp(_, port) = socket.bound { true } else { false }
        }
        return (nil, neighbours)
    }
}
