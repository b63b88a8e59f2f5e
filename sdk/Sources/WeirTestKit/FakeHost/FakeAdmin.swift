import CWeir
import Synchronization
public import WeirSDK

/// The host's own endpoint, with the paths that the component under test serves there.
public final class FakeAdmin: @unchecked Sendable {
    // Sendable: the host is set once, before anyone else sees this; all else is behind a lock.
    @safe private struct Route: @unchecked Sendable {  // Sendable: constants of the component
        var path: String
        var raw: weir_http_handler
    }

    private let routes = Mutex<[UInt: Route]>([:])
    private let next = Atomic<UInt>(1)
    weak var host: FakeHost?

    /// The paths that are served, sorted.
    public var paths: [String] { routes.withLock { $0.values.map(\.path).sorted() } }

    /// Asks for a path; the exchange has the answer as soon as there is one. `nil`: nobody serves it.
    public func send(
        _ method: String, _ path: String, query: String = "", headers: [Header] = [],
        body: [UInt8] = []
    ) -> FakeExchange? {
        let found = routes.withLock { $0.values.first { $0.path == path } }
        guard let found, let host else { return nil }
        let asked = FakeServer.Asked(
            method: method, path: path, query: query, contentType: "", peer: "127.0.0.1:50000",
            protocols: .http, body: body, headers: headers)
        return unsafe host.server.hand(asked, to: found.raw)
    }

    fileprivate func serve(
        _ path: String, _ handler: weir_http_handler
    ) throws(ComponentError) -> UInt {
        guard path.hasPrefix("/") else { throw .invalid("\"\(path)\" does not begin with /") }
        let id = next.add(1, ordering: .relaxed).newValue
        let route = unsafe Route(path: path, raw: handler)
        let isFree = routes.withLock { routes in
            if routes.values.contains(where: { $0.path == path }) { return false }
            routes[id] = route
            return true
        }
        guard isFree else { throw .refused("\(path) is served already") }
        return id
    }

    fileprivate func end(_ id: UInt) { _ = routes.withLock { $0.removeValue(forKey: id) } }
}

func adminTable() -> weir_admin {
    unsafe weir_admin(
        size: UInt32(MemoryLayout<weir_admin>.size), reserved: 0,
        serve: { host, path, handler, route, error in
            let host = unsafe FakeHost.of(host)
            host.checkAllowed("admin.serve")
            do throws(ComponentError) {
                let id = try unsafe host.admin.serve(path.string, handler!.pointee)
                unsafe route!.pointee = OpaquePointer(bitPattern: id)
                return Status.ok
            } catch let failure {
                return unsafe failure.write(to: error!)
            }
        },
        end: { host, route in unsafe FakeHost.of(host).admin.end(UInt(bitPattern: route)) })
}
