import Logging
import NIOCore
import NIOPosix
import WeirNet
import WeirRuntime

/// What `weir exporter` serves: `/metrics`, the probe path, `/-/healthy` and a page with links.
struct ExporterPages: ServerHandler {
    let settings: ExporterSettings
    let overlay: SettingOverlay
    /// `nil`: each request names its target.
    let own: StandaloneExporter?
    let probes: ProbeInstances
    let services: HostServices
    /// `nil`: everyone may read.
    let web: WebFile?

    private var probe: PluginManifest.Standalone.Probe? { settings.standalone.probe }

    func receive(_ exchange: ServerExchange) {
        guard let users = web?.users else { return serve(exchange) }
        users.check(exchange.header("authorization")) { verdict in
            switch verdict {
            case .welcome: serve(exchange)
            case .refused:
                respond(
                    exchange,
                    "a user and the password are needed here: see basic_auth_users in the "
                        + "file of --web.config.file\n", status: 401,
                    more: [("www-authenticate", "Basic realm=\"weir\", charset=\"UTF-8\"")])
            case .busy:
                respond(
                    exchange, "too many passwords are being tried: ask later\n", status: 503,
                    more: [("retry-after", "1")])
            }
        }
    }

    private func serve(_ exchange: ServerExchange) {
        guard exchange.method == "GET" || exchange.method == "HEAD" else {
            return respond(
                exchange, "\(exchange.method) is not allowed here: use GET\n", status: 405,
                more: [("allow", "GET, HEAD")])
        }
        switch exchange.path {
        case "/metrics": metrics(exchange)
        case "/-/healthy", "/healthz", "/health":
            respond(exchange, "Weir is live.\n")
        case "/": respond(exchange, landingPage, type: "text/html; charset=utf-8")
        case probe?.path ?? "": answerProbe(exchange)
        default:
            respond(
                exchange, "there is no \(exchange.path): try \(paths.joined(separator: ", "))\n",
                status: 404)
        }
    }

    private var paths: [String] {
        ["/metrics"] + (probe.map { ["\($0.path)?target=..."] } ?? []) + ["/-/healthy"]
    }

    private func metrics(_ exchange: ServerExchange) {
        let own = self.own
        let format = MetricsPage.Format(accept: exchange.header("accept"))
        guard let own else {
            return respond(
                exchange, about([:], without: [], format), type: format.contentType)
        }
        let limit = TimeLimit(exchange)
        own.collect(
            within: limit?.deadline, grace: limit?.grace ?? 1_000_000_000, format: format
        ) { answer in
            switch answer {
            case .none(let why): respond(exchange, why + "\n", status: 503)
            case .page(let page):
                let more = about(own.errors, without: page.families, format)
                respond(exchange, page.page.text + more, type: format.contentType)
            }
        }
    }

    /// What the process says of itself.
    private func about(
        _ errors: [String: Int], without names: Set<String>, _ format: MetricsPage.Format
    ) -> String {
        MetricsPage(
            exporter: settings.component.type,
            errors: errors.merging(probes.errors, uniquingKeysWith: +), without: names
        ).rendered(format)
    }

    private func answerProbe(_ exchange: ServerExchange) {
        guard let probe else { return }
        let query: ProbeQuery
        do throws(ProbeQuery.Failure) {
            query = try ProbeQuery(exchange.query, probe, overlay)
        } catch {
            return respond(exchange, error.text + "\n", status: 400)
        }
        let limit = TimeLimit(exchange)
        // OpenMetrics has no comments.
        let format =
            query.isVerbose ? .prometheus : MetricsPage.Format(accept: exchange.header("accept"))
        // Making an instance may block; the one thread there keeps two from making the same.
        services.blocking.submit { _ in
            do throws(ProbeInstances.Failure) {
                let (key, instance) = try probes.enter(query)
                instance.exporter.collect(
                    within: limit?.deadline, grace: limit?.grace ?? 1_000_000_000, format: format
                ) { answer in
                    let lines = instance.log.take()
                    probes.leave(key)
                    switch answer {
                    case .none(let why): respond(exchange, why + "\n", status: 503)
                    case .page(let found):
                        var page = found.page
                        if query.isVerbose, let failure = found.failure {
                            page.comment("the collection failed: \(failure)")
                        }
                        // That line is the comment above.
                        for line in lines
                        where query.isVerbose && !line.contains(": collection failed: ") {
                            page.comment(line)
                        }
                        if format == .openMetrics { page.end() }
                        respond(exchange, page.text, type: format.contentType)
                    }
                }
            } catch {
                respond(exchange, error.text, status: error.status)
            }
        }
    }

    private func respond(
        _ exchange: ServerExchange, _ text: String, status: Int = 200,
        type: String = "text/plain; charset=utf-8", more: [(String, String)] = []
    ) {
        exchange.respond(
            status: status, headers: [("content-type", type)] + more + (web?.headers ?? []),
            body: ByteBuffer(string: text))
    }

    private var landingPage: String {
        var links = #"<li><a href="/metrics">/metrics</a></li>"#
        if let probe {
            links += #"<li><a href="\#(probe.path)?target=">\#(probe.path)?target=…</a></li>"#
        }
        let name = settings.standalone.name
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>weir exporter \(name)</title></head>
            <body><h1>weir exporter \(name)</h1><p>\(settings.component.summary.asHTML)</p>
            <ul>\(links)<li><a href="/-/healthy">/-/healthy</a></li></ul>
            <p>weir \(BuildInfo.version), plugin \(settings.owner.id) \(settings.owner.version)</p>
            </body></html>

            """
    }
}

/// How long a scrape may take, as Prometheus says it in the request.
struct TimeLimit: Equatable {
    /// Nanoseconds until the collection has to end: a little before Prometheus gives up.
    let deadline: UInt64
    /// Nanoseconds after that in which an answer still arrives.
    let grace: UInt64

    init?(_ exchange: ServerExchange) {
        self.init(seconds: exchange.header("x-prometheus-scrape-timeout-seconds"))
    }

    /// `nil` unless the text is a number above 0.
    init?(seconds text: String?) {
        guard let seconds = text.flatMap({ Double($0) }), seconds > 0, seconds.isFinite else {
            return nil
        }
        let limit = min(seconds, 600)
        let reserve = min(0.5, limit / 4)
        deadline = UInt64((limit - reserve) * 1e9)
        grace = UInt64(reserve * 0.8e9)
    }
}

extension String {
    fileprivate var asHTML: String { replacing("&", with: "&amp;").replacing("<", with: "&lt;") }
}
