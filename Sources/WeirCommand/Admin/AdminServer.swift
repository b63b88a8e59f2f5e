import WeirJSON
import NIOCore
import WeirConfig
import WeirNet
import WeirRuntime

/// The host's own endpoint: metrics, health, the graph, and what components serve there. Loopback by default.
final class AdminServer: Sendable {
    private let server: HTTPServer

    /// `nil` where `service.telemetry.metrics.level` is none.
    init?(_ runtime: Runtime, registry: PluginRegistry, service: ServiceSettings) {
        guard let address = service.metricsAddress,
            let endpoint = try? Endpoint(parsing: address)
        else { return nil }
        var options = ServerOptions(endpoint: endpoint)
        options.allowsGRPC = false
        options.maxRequestBodyBytes = 1 << 16
        server = HTTPServer(
            options: options, group: runtime.services.group,
            handler: AdminHandler(runtime: runtime, registry: registry))
    }

    func start() throws { _ = try server.start().wait() }

    func stop() {
        // Nobody is waiting for its answers any more; whatever fails here fails silently.
        try? server.close().wait()
    }
}

private struct AdminHandler: ServerHandler {
    let runtime: Runtime
    let registry: PluginRegistry

    private var routes: AdminRoutes { runtime.services.admin }

    func receive(_ exchange: ServerExchange) {
        if routes.handle(exchange) { return }
        guard exchange.method == "GET" || exchange.method == "HEAD" else {
            exchange.respond(
                status: 405, headers: [("allow", "GET, HEAD"), ("content-type", "text/plain")],
                body: ByteBuffer(string: "\(exchange.method) is not allowed here: use GET\n"))
            return
        }
        let answer = answer(exchange)
        exchange.respond(
            status: answer.status, headers: [("content-type", answer.type)],
            body: ByteBuffer(string: answer.body))
    }

    private struct Answer {
        var status = 200
        var type = "text/plain; charset=utf-8"
        var body: String
    }

    private func answer(_ exchange: ServerExchange) -> Answer {
        switch exchange.path {
        case "/metrics":
            let format = MetricsPage.Format(accept: exchange.header("accept"))
            let page = MetricsPage(runtime, registry: registry).rendered(format)
            return Answer(type: format.contentType, body: page)
        case "/health/live", "/-/healthy":
            return Answer(body: "Weir is live.\n")
        case "/health/ready", "/-/ready":
            return ready
        case "/api/v1/graph":
            let graph = GraphDrawing(runtime.plan).json.serialized(pretty: true)
            return Answer(type: "application/json", body: graph + "\n")
        case "/":
            let paths = routes.paths.joined(separator: "\n")
            return Answer(body: "weir \(BuildInfo.version)\n\n\(paths)\n")
        default:
            return Answer(
                status: 404,
                body: "there is no \(exchange.path): try \(routes.paths.joined(separator: ", "))\n")
        }
    }

    private var ready: Answer {
        switch runtime.services.state.phase {
        case .starting: Answer(status: 503, body: "Weir is starting.\n")
        case .running: Answer(body: "Weir is ready.\n")
        case .draining, .stopped: Answer(status: 503, body: "Weir is draining.\n")
        }
    }
}
