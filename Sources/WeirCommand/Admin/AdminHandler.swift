import NIOCore
import WeirConfig
import WeirJSON
import WeirNet
import WeirRuntime

/// What the admin endpoint answers.
struct AdminHandler: Sendable {
    let runtime: Runtime
    let control: AdminControl

    private var routes: AdminRoutes { runtime.services.admin }

    func receive(_ exchange: ServerExchange) {
        if control.handle(exchange) || routes.handle(exchange) { return }
        guard exchange.method == "GET" || exchange.method == "HEAD" else {
            return exchange.respond(
                AdminAnswer(
                    status: 405, body: "\(exchange.method) is not allowed here: use GET\n",
                    headers: [("allow", "GET, HEAD")]))
        }
        exchange.respond(answer(exchange))
    }

    private func answer(_ exchange: ServerExchange) -> AdminAnswer {
        switch exchange.path {
        case "/metrics":
            let format = MetricsPage.Format(accept: exchange.header("accept"))
            let page = MetricsPage(runtime, registry: control.reloader.registry).rendered(format)
            return AdminAnswer(type: format.contentType, body: page)
        case "/health/live", "/-/healthy":
            return AdminAnswer(body: "Weir is live.\n")
        case "/health/ready", "/-/ready":
            return ready(exchange)
        case "/api/v1/components":
            return AdminAnswer(json: ComponentList(runtime).json)
        case "/api/v1/graph":
            return AdminAnswer(json: GraphDrawing(runtime.plan).json)
        case "/":
            let paths = routes.paths.joined(separator: "\n")
            return AdminAnswer(body: "weir \(BuildInfo.version)\n\n\(paths)\n")
        default:
            return AdminAnswer(
                status: 404,
                body: "there is no \(exchange.path): try \(routes.paths.joined(separator: ", "))\n")
        }
    }

    private func ready(_ exchange: ServerExchange) -> AdminAnswer {
        let grace = control.reloader.configuration.service.healthGrace
        let pipeline = exchange.query.flatMap { Self.value(of: "pipeline", in: $0) }
        switch runtime.readiness(pipeline: pipeline, graceNano: UInt64(clamping: grace)) {
        case .ready: return AdminAnswer(body: "Weir is ready.\n")
        case .notReady(let reasons):
            return AdminAnswer(status: 503, body: reasons.joined(separator: "\n") + "\n")
        case .unknownPipeline(let known):
            return AdminAnswer(
                status: 404,
                body:
                    "there is no pipeline \(pipeline ?? ""): there are \(known.joined(separator: ", "))\n"
            )
        }
    }

    /// A parameter of a query: pipelines' names need no escapes but that of the slash.
    private static func value(of name: String, in query: String) -> String? {
        for part in query.split(separator: "&") where part.hasPrefix(name + "=") {
            return String(part.dropFirst(name.count + 1)).replacing("%2F", with: "/")
                .replacing("%2f", with: "/")
        }
        return nil
    }
}

/// One answer of the admin endpoint.
struct AdminAnswer: Sendable {
    var status = 200
    var type = "text/plain; charset=utf-8"
    var body: String
    var headers: [(name: String, value: String)] = []
}

extension AdminAnswer {
    init(status: Int = 200, json: JSONValue) {
        self.init(
            status: status, type: "application/json",
            body: json.serialized(pretty: true) + "\n")
    }
}

extension ServerExchange {
    func respond(_ answer: AdminAnswer) {
        respond(
            status: answer.status, headers: [("content-type", answer.type)] + answer.headers,
            body: ByteBuffer(string: answer.body))
    }
}
