import CWeir
import Synchronization
package import WeirNet

/// The paths on the admin endpoint: the host's own, and those that components serve.
package final class AdminRoutes: Sendable {
    /// Those of the host that are worth a look.
    package static let hostPaths = [
        "/metrics", "/health/live", "/health/ready", "/api/v1/components", "/api/v1/graph",
        "/-/reload", "/-/drain", "/-/quit",
    ]
    /// Other names of the host's own.
    private static let aliases: Set = ["/", "/-/healthy", "/-/ready"]

    /// By path. The last one serves it; those before it belong to components that a reload is about
    /// to end.
    private let routes = Mutex<[String: [AdminRoute]]>([:])

    /// Everything there is, the host's own first.
    package var paths: [String] { Self.hostPaths + routes.withLock { $0.keys.sorted() } }

    /// Hands a request to the component that serves its path. False: none does.
    package func handle(_ exchange: ServerExchange) -> Bool {
        let route = routes.withLock { routes in
            let route = routes[exchange.path]?.last
            route?.enter()
            return route
        }
        guard let route else { return false }
        route.handle(exchange)
        return true
    }

    func add(_ route: AdminRoute) throws(NetError) {
        let path = route.path
        guard path.hasPrefix("/"), !path.contains("?"), !path.contains("#") else {
            throw NetError(
                .configuration, "\"\(path)\" is not a path: expected one such as /api/v1/targets")
        }
        if Self.hostPaths.contains(path) || Self.aliases.contains(path) {
            throw NetError(
                .configuration,
                "\(route.instance.key) cannot serve \(path) on the admin endpoint: it is the host's own"
            )
        }
        let owner = routes.withLock { routes in
            if let owner = routes[path]?.last, !owner.instance.isLeaving {
                return owner.instance.key as String?
            }
            routes[path, default: []].append(route)
            return nil
        }
        guard let owner else { return }
        let asked = route.instance.key
        throw NetError(
            .configuration,
            asked == owner
                ? "\(asked) serves \(path) on the admin endpoint twice: end the first one before"
                : "\(asked) cannot serve \(path) on the admin endpoint, because \(owner) does already: leave it to one of them"
        )
    }

    /// Takes a path away and waits for calls of its handler to return.
    func end(_ route: AdminRoute) {
        routes.withLock { routes in
            let left = routes[route.path]?.filter { $0 !== route } ?? []
            routes[route.path] = left.isEmpty ? nil : left
        }
        route.wait()
    }

    /// Takes away what an instance left behind; the paths of it.
    func endAll(of instance: ComponentInstance) -> [String] {
        let left = routes.withLock { routes in
            routes.values.joined().filter { $0.instance === instance }
        }
        for route in left { end(route) }
        return left.map(\.path).sorted()
    }
}

/// A path that a component serves.
@safe final class AdminRoute: @unchecked Sendable {  // the handler is the plugin's
    let path: String
    unowned let instance: ComponentInstance
    private let handler: weir_http_handler
    private let inside = Atomic<Int>(0)

    init(_ path: String, _ handler: weir_http_handler, _ instance: ComponentInstance) {
        self.path = path
        self.instance = instance
        unsafe self.handler = unsafe handler
    }

    /// Before the call, while the route can still be found.
    fileprivate func enter() { inside.add(1, ordering: .relaxed) }

    fileprivate func handle(_ exchange: ServerExchange) {
        defer { inside.subtract(1, ordering: .releasing) }
        unsafe PluginExchange(exchange, instance).hand(exchange.body, to: handler, isLast: true)
    }

    fileprivate func wait() {
        while inside.load(ordering: .acquiring) > 0 { QueueDrain.pause() }
    }
}

/// weir/ext/admin.h on the admin endpoint of this process.
enum AdminTable {
    nonisolated(unsafe) static let shared = unsafe HostExtensions.table(  // immutable
        weir_admin(
            size: UInt32(MemoryLayout<weir_admin>.size), reserved: 0,
            serve: { host, path, handler, out, error in
                let instance = unsafe ComponentInstance.from(host)
                guard instance.isMade else {
                    unsafe error!.pointee.set(
                        Status.invalid, "serve() inside create(): wait for start()")
                    return Status.invalid
                }
                let route = unsafe AdminRoute(path.string, handler!.copied, instance)
                do throws(NetError) {
                    try instance.services.admin.add(route)
                } catch let reason {
                    unsafe error!.pointee.set(Status.refused, reason.message)
                    return Status.refused
                }
                unsafe out!.pointee = OpaquePointer(Unmanaged.passRetained(route).toOpaque())
                return Status.ok
            },
            end: { host, route in
                let route = unsafe Unmanaged<AdminRoute>.fromOpaque(UnsafeRawPointer(route!))
                unsafe ComponentInstance.from(host).services.admin.end(route.takeRetainedValue())
            }))
}
