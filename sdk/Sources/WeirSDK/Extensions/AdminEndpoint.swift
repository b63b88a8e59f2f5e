import CWeir
import Synchronization

/// Pages of the component on the host's own endpoint, where its metrics and health are
/// (127.0.0.1:8888 unless configured).
@safe public struct AdminEndpoint: @unchecked Sendable {  // Sendable: a constant table
    let host: Host
    let api: UnsafePointer<weir_admin>
    let server: HTTPServer

    init?(_ host: Host) {
        guard let api = unsafe host.find(WEIR_EXT_ADMIN, weir_admin.self),
            let server = HTTPServer(host)
        else { return nil }
        self.host = host
        unsafe self.api = api
        self.server = server
    }

    /// Answers requests for exactly this path (`/api/v1/targets`, without a query), of any method,
    /// until the route is ended or released. Where the endpoint is switched off, nothing ever asks.
    ///
    /// `handler` is called on any thread and must not block; it answers through the exchange, at
    /// once or later. Throws `refused` if the host or another component has the path already.
    public func serve(
        _ path: String, handler: @escaping @Sendable (Exchange, borrowing Request) -> Void
    ) throws(ComponentError) -> AdminRoute {
        let box = HandlerBox(server, nil, handler)
        let context = unsafe Unmanaged.passRetained(box)
        var table = unsafe weir_http_handler(
            size: UInt32(MemoryLayout<weir_http_handler>.size), reserved: 0,
            context: context.toOpaque(), request: HandlerBox.request, admit: nil, abandoned: nil,
            streams: nil)
        var raw: OpaquePointer? = nil
        do throws(ComponentError) {
            try unsafe check { error in
                unsafe withSlice(path) {
                    unsafe api.pointee.serve(host.table, $0, &table, &raw, error)
                }
            }
        } catch {
            unsafe context.release()
            throw error
        }
        return unsafe AdminRoute(raw!, self, box)
    }
}

/// A path on the host's endpoint, until it is ended or released.
@safe public final class AdminRoute: @unchecked Sendable {
    // Sendable: the handle is taken out once.
    private let handle: Atomic<UInt>
    private let admin: AdminEndpoint
    private let box: HandlerBox

    fileprivate init(_ raw: OpaquePointer, _ admin: AdminEndpoint, _ box: HandlerBox) {
        handle = Atomic(UInt(bitPattern: raw))
        self.admin = admin
        self.box = box
    }

    /// Takes the path away and waits until no call of the handler is running. Not inside the
    /// handler.
    public func end() {
        let raw = handle.exchange(0, ordering: .acquiringAndReleasing)
        guard raw != 0 else { return }
        unsafe admin.api.pointee.end(admin.host.table, OpaquePointer(bitPattern: raw))
        unsafe Unmanaged.passUnretained(box).release()
    }

    deinit { end() }
}

extension Host {
    /// Pages on the host's own endpoint, if this host has one.
    public var admin: AdminEndpoint? { AdminEndpoint(self) }
}
