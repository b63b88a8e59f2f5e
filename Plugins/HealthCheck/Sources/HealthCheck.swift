import Synchronization
package import WeirSDK

/// Answers probes with how the process is.
package final class HealthCheck: Extension {
    private let settings: HealthCheckSettings
    private let host: Host
    private let server: HTTPServer
    private let status: HealthReport
    private let listener = Mutex<Listener?>(nil)
    /// Kept from the first answer on, so that all answers say the same.
    private let upSince = Mutex<UInt64?>(nil)

    package init(settings: HealthCheckSettings, host: Host) throws(ComponentError) {
        guard let server = host.httpServer else {
            throw .unsupported("this host has no HTTP server (weir.http-server/1); use a newer one")
        }
        guard let status = host.status else {
            throw .unsupported(
                "this host does not tell its health (weir.status/1); use a newer one")
        }
        guard settings.path.hasPrefix("/") else {
            throw .invalid("path is '\(settings.path)'; expected a path that begins with '/'")
        }
        self.settings = settings
        self.host = host
        self.server = server
        self.status = status
    }

    package func start(deadline: Deadline) throws(ComponentError) {
        let opened = try server.listen(settings.server, .http) { [self] exchange, request in
            exchange.respond(answer(request.method, request.path))
        }
        listener.withLock { $0 = opened }
    }

    package func stop(deadline: Deadline) throws(ComponentError) {
        // Closing waits for handlers, so not under the lock.
        let open = listener.withLock { open in
            defer { open = nil }
            return open
        }
        open?.close(deadline: deadline)
    }

    private func answer(_ method: String, _ path: String) -> Response {
        guard covers(path) else {
            return Response(
                code: 404, contentType: "text/plain; charset=utf-8",
                body: Array("nothing is here; health is at \(settings.path)\n".utf8))
        }
        guard method == "GET" || method == "HEAD" else {
            return Response(code: 405, headers: [Header("allow", "GET, HEAD")])
        }
        let health = status.process
        let uptime = UInt64(max(0, status.uptime) * 1e9)
        let now = host.now
        let since = upSince.withLock { since -> UInt64? in
            since = HealthAnswer.isUp(health) ? since ?? now - min(now, uptime) : nil
            return since
        }
        let answer = HealthAnswer(
            health, upSince: since, uptime: uptime, custom: settings.responseBody)
        return Response(
            code: answer.code, contentType: answer.contentType,
            body: method == "HEAD" ? [] : answer.body)
    }

    /// A path that ends with a slash stands for all below it, as in the Collector.
    private func covers(_ path: String) -> Bool {
        path == settings.path || settings.path.hasSuffix("/") && path.hasPrefix(settings.path)
    }
}
