import NIOCore
import Synchronization
import WeirConfig
import WeirNet
import WeirRuntime

/// The host's own endpoint: metrics, health, the graph, reloads, and what components serve there.
/// Loopback by default. A reload may move it.
final class AdminServer: Sendable {
    private struct State {
        var address: String?
        var server: HTTPServer?
        /// Answers requests, once there is something to tell.
        var handler: AdminHandler?
    }

    private let group: any EventLoopGroup
    private let state = Mutex(State())

    init(group: any EventLoopGroup) { self.group = group }

    /// Answers with this from now on.
    func answer(with handler: AdminHandler) { state.withLock { $0.handler = handler } }

    func start(_ service: ServiceSettings) throws(NetError) {
        try prepareMove(to: service).commit()
    }

    /// A move to another address: both listen, until it is committed.
    struct Move {
        fileprivate let owner: AdminServer
        fileprivate let address: String?
        fileprivate let server: HTTPServer?
        fileprivate let isNeeded: Bool

        func commit() {
            guard isNeeded else { return }
            let old = owner.state.withLock { state in
                defer { (state.address, state.server) = (address, server) }
                return state.server
            }
            // Whoever asked for the reload there still gets the answer.
            _ = old?.drain(within: .seconds(10))
        }

        func abandon() { _ = server?.close() }
    }

    /// Listens where the configuration says; nowhere where `service.telemetry.metrics.level` is none.
    func prepareMove(to service: ServiceSettings) throws(NetError) -> Move {
        let address = service.metricsAddress
        if state.withLock({ $0.address == address }) {
            return Move(owner: self, address: address, server: nil, isNeeded: false)
        }
        guard let address else {
            return Move(owner: self, address: nil, server: nil, isNeeded: true)
        }
        var options = ServerOptions(endpoint: try Endpoint(parsing: address))
        options.allowsGRPC = false
        options.maxRequestBodyBytes = 1 << 16
        let server = HTTPServer(
            options: options, group: group, handler: Front(owner: self))
        do {
            _ = try server.start().wait()
        } catch {
            throw error as? NetError ?? NetError(.bindFailed, "\(error)")
        }
        return Move(owner: self, address: address, server: server, isNeeded: true)
    }

    func stop() {
        // Nobody is waiting for its answers any more; whatever fails here fails silently.
        let server = state.withLock { $0.server }
        try? server?.close().wait()
    }

    private struct Front: ServerHandler {
        let owner: AdminServer

        func receive(_ exchange: ServerExchange) {
            guard let handler = owner.state.withLock({ $0.handler }) else {
                exchange.respond(AdminAnswer(status: 503, body: "Weir is starting.\n"))
                return
            }
            handler.receive(exchange)
        }
    }
}
