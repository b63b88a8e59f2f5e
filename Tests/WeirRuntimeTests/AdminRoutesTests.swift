import CWeir
import NIOCore
import NIOPosix
import Testing
import WeirConfig
import WeirNet

@testable import WeirRuntime

/// Paths that components serve on the admin endpoint, over a real socket.
@Suite struct AdminRoutesTests {
    private final class Page {
        let component = ScriptedComponent(kind: .receiver)
        private(set) var route: OpaquePointer?

        init() throws { try component.instance.create(settings: []) }

        private static var table: UnsafePointer<weir_admin> {
            HostExtensions.find(WEIR_EXT_ADMIN)!.assumingMemoryBound(to: weir_admin.self)
        }

        /// Serves the method and query of each request; the error if it may not.
        func serve(_ path: String) -> String? {
            var handler = weir_http_handler()
            handler.size = UInt32(MemoryLayout<weir_http_handler>.size)
            handler.context = UnsafeMutableRawPointer(mutating: component.host)
            handler.request = { host, exchange, request in
                let server = HostExtensions.find(WEIR_EXT_HTTP_SERVER)!
                    .assumingMemoryBound(to: weir_http_server.self)
                var text = "\(request!.pointee.method.string) \(request!.pointee.query.string)"
                text.withUTF8 { bytes in
                    var response = weir_response()
                    response.size = UInt32(MemoryLayout<weir_response>.size)
                    response.code = 200
                    response.body = weir_slice(bytes)
                    server.pointee.respond(
                        host?.assumingMemoryBound(to: weir_host.self), exchange, &response)
                }
            }
            var error = weir_error.make()
            var path = path
            let status = path.withUTF8 {
                Self.table.pointee.serve(component.host, weir_slice($0), &handler, &route, &error)
            }
            return status == Status.ok ? nil : error.text
        }

        func end() { Self.table.pointee.end(component.host, route) }
    }

    private struct Handler: ServerHandler {
        let routes: AdminRoutes
        func receive(_ exchange: ServerExchange) {
            if routes.handle(exchange) { return }
            exchange.respond(
                status: 404, body: ByteBuffer(string: routes.paths.joined(separator: " ")))
        }
    }

    private func ask(_ routes: AdminRoutes, _ method: String, _ path: String) throws -> String {
        let group = MultiThreadedEventLoopGroup.singleton
        var options = ServerOptions(endpoint: .tcp(host: "127.0.0.1", port: 0))
        options.allowsGRPC = false
        let server = HTTPServer(options: options, group: group, handler: Handler(routes: routes))
        let bound = try server.start().wait()
        defer { try? server.close().wait() }
        let client = try HTTPClient(
            options: ClientOptions(
                target: try TargetURL(parsing: "http://\(bound)"), version: .http1), group: group)
        defer { try? client.close().wait() }
        let promise = group.next().makePromise(of: ClientResult.self)
        client.send(ClientRequest(method: method, path: path, parts: [])) { promise.succeed($0) }
        let response = try promise.futureResult.wait().get()
        return "\(response.status) \(String(buffer: response.body))"
    }

    @Test func servesUntilTheEnd() throws {
        let page = try Page()
        let routes = page.component.services.admin
        #expect(page.serve("/api/v1/targets") == nil)
        #expect(routes.paths == AdminRoutes.hostPaths + ["/api/v1/targets"])
        #expect(try ask(routes, "GET", "/api/v1/targets?state=any") == "200 GET state=any")
        #expect(try ask(routes, "POST", "/api/v1/targets") == "200 POST ")
        #expect(try ask(routes, "GET", "/none").hasPrefix("404 /metrics /health/live"))
        page.end()
        #expect(try ask(routes, "GET", "/api/v1/targets").hasPrefix("404"))
        try page.component.instance.destroy()
    }

    @Test func pathsThatCannotBeServed() throws {
        let page = try Page()
        #expect(
            page.serve("/metrics")
                == "receiver test cannot serve /metrics on the admin endpoint: it is the host's own"
        )
        #expect(page.serve("targets")?.contains("is not a path") == true)
        #expect(page.serve("/t") == nil)
        #expect(
            page.serve("/t")
                == "receiver test serves /t on the admin endpoint twice: end the first one before")
        try page.component.instance.destroy()
        // What it left behind is gone with it.
        #expect(page.component.services.admin.paths == AdminRoutes.hostPaths)
    }

    @Test func twoComponentsOnOnePath() throws {
        let (first, second) = (try Page(), try Page())
        let routes = first.component.services.admin
        let handler = weir_http_handler()
        try routes.add(AdminRoute("/t", handler, first.component.instance))
        let other = ComponentInstance(
            key: "sink other", kind: .sink, id: "other", pipeline: nil, plugin: "test",
            table: second.component.instance.table, services: first.component.services)
        let error = #expect(throws: NetError.self) {
            try routes.add(AdminRoute("/t", handler, other))
        }
        #expect(
            error?.message
                == "sink other cannot serve /t on the admin endpoint, because receiver test does already: leave it to one of them"
        )
        _ = routes.endAll(of: first.component.instance)
        withExtendedLifetime(other) {}
    }
}
