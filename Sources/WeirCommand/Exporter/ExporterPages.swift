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

    private var probe: PluginManifest.Standalone.Probe? { settings.standalone.probe }

    func receive(_ exchange: ServerExchange) {
        guard exchange.method == "GET" || exchange.method == "HEAD" else {
            exchange.respond(
                status: 405, headers: [("allow", "GET, HEAD"), ("content-type", "text/plain")],
                body: ByteBuffer(string: "\(exchange.method) is not allowed here: use GET\n"))
            return
        }
        switch exchange.path {
        case "/metrics": metrics(exchange)
        case "/-/healthy", "/healthz", "/health":
            exchange.respond(text: "Weir is live.\n")
        case "/": exchange.respond(text: landingPage, type: "text/html; charset=utf-8")
        case probe?.path ?? "": answerProbe(exchange)
        default:
            exchange.respond(
                text: "there is no \(exchange.path): try \(paths.joined(separator: ", "))\n",
                status: 404)
        }
    }

    private var paths: [String] {
        ["/metrics"] + (probe.map { ["\($0.path)?target=..."] } ?? []) + ["/-/healthy"]
    }

    private func metrics(_ exchange: ServerExchange) {
        let own = self.own
        guard let own else {
            return exchange.respond(
                text: about([:], without: []), type: ExpositionText.contentType)
        }
        let limit = TimeLimit(exchange)
        own.collect(within: limit?.deadline, grace: limit?.grace ?? 1_000_000_000) { answer in
            switch answer {
            case .none(let why): exchange.respond(text: why + "\n", status: 503)
            case .page(let page):
                let more = about(own.errors, without: page.families)
                exchange.respond(text: page.page.text + more, type: ExpositionText.contentType)
            }
        }
    }

    /// What the process says of itself.
    private func about(_ errors: [String: Int], without names: Set<String>) -> String {
        MetricsPage(
            exporter: settings.component.type,
            errors: errors.merging(probes.errors, uniquingKeysWith: +), without: names
        ).rendered(.prometheus)
    }

    private func answerProbe(_ exchange: ServerExchange) {
        guard let probe else { return }
        let query: ProbeQuery
        do throws(ProbeQuery.Failure) {
            query = try ProbeQuery(exchange.query, probe, overlay)
        } catch {
            return exchange.respond(text: error.text + "\n", status: 400)
        }
        let limit = TimeLimit(exchange)
        // Making an instance may block; the one thread there keeps two from making the same.
        services.blocking.submit { _ in
            do throws(ProbeInstances.Failure) {
                let (key, instance) = try probes.enter(query.settings)
                instance.exporter.collect(
                    within: limit?.deadline, grace: limit?.grace ?? 1_000_000_000
                ) { answer in
                    let lines = instance.log.take()
                    probes.leave(key)
                    switch answer {
                    case .none(let why): exchange.respond(text: why + "\n", status: 503)
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
                        exchange.respond(text: page.text, type: ExpositionText.contentType)
                    }
                }
            } catch {
                exchange.respond(text: error.text, status: error.status)
            }
        }
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

extension ServerExchange {
    fileprivate func respond(
        text: String, status: Int = 200, type: String = "text/plain; charset=utf-8"
    ) {
        respond(
            status: status, headers: [("content-type", type)], body: ByteBuffer(string: text))
    }
}

extension String {
    fileprivate var asHTML: String { replacing("&", with: "&amp;").replacing("<", with: "&lt;") }
}
