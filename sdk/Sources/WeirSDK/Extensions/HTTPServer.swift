import CWeir
import Synchronization
import WeirJSON

/// Requests from outside, HTTP and gRPC, on the host's sockets. The host owns sockets, TLS,
/// framing, limits, decompression and authentication.
@safe public struct HTTPServer: @unchecked Sendable {  // Sendable: a constant table
    let host: Host
    let api: UnsafePointer<weir_http_server>

    init?(_ host: Host) {
        guard let api = unsafe host.find(WEIR_EXT_HTTP_SERVER, weir_http_server.self) else {
            return nil
        }
        self.host = host
        unsafe self.api = api
    }

    /// Whether to read a body at all: called with path and announced length (`nil`: not announced)
    /// before it is read. Throwing `retry` makes the host answer 503 or RESOURCE_EXHAUSTED.
    public typealias Admission = @Sendable (String, Int?) throws(ComponentError) -> Void

    /// Binds and listens, as settings of `weir:http_server` or `weir:grpc_server` say.
    ///
    /// `handler` gets each request whole and plain, on any thread, and must not block; it answers
    /// through the exchange, at once or later. The request is valid until the handler returns.
    public func listen(
        _ settings: HostSettings, _ protocols: Protocols, admit: Admission? = nil,
        handler: @escaping @Sendable (Exchange, borrowing Request) -> Void
    ) throws(ComponentError) -> Listener {
        let box = HandlerBox(self, admit, handler)
        let context = unsafe Unmanaged.passRetained(box)
        var table = unsafe weir_http_handler(
            size: UInt32(MemoryLayout<weir_http_handler>.size), reserved: 0,
            context: context.toOpaque(), request: HandlerBox.request,
            admit: admit == nil ? nil : HandlerBox.admit, abandoned: nil, streams: nil)
        var raw: OpaquePointer? = nil
        do throws(ComponentError) {
            try unsafe check { error in
                unsafe withSlice(settings.json.serialized()) {
                    unsafe api.pointee.listen(
                        host.table, $0, protocols.rawValue, &table, &raw, error)
                }
            }
        } catch {
            unsafe context.release()
            throw error
        }
        return unsafe Listener(raw!, self, box)
    }
}

final class HandlerBox: Sendable {
    let server: HTTPServer
    let admission: HTTPServer.Admission?
    let handler: @Sendable (Exchange, borrowing Request) -> Void

    init(
        _ server: HTTPServer, _ admission: HTTPServer.Admission?,
        _ handler: @escaping @Sendable (Exchange, borrowing Request) -> Void
    ) {
        self.server = server
        self.admission = admission
        self.handler = handler
    }

    static let request:
        @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<weir_request>?) ->
            Void = { context, exchange, request in
                let box = unsafe Unmanaged<HandlerBox>.fromOpaque(context!).takeUnretainedValue()
                let request = unsafe Request(request!, box.server.host)
                box.handler(unsafe Exchange(exchange!, box.server, request), request)
            }

    static let admit:
        @convention(c) (
            UnsafeMutableRawPointer?, weir_slice, UInt64, UnsafeMutablePointer<weir_error>?
        ) -> weir_status = { context, path, length, error in
            let box = unsafe Unmanaged<HandlerBox>.fromOpaque(context!).takeUnretainedValue()
            do throws(ComponentError) {
                try unsafe box.admission?(path.string, length == UInt64.max ? nil : Int(length))
                return Status.ok
            } catch let failure {
                return unsafe failure.write(to: error!)
            }
        }
}

/// A socket that listens, until it is closed or released.
@safe public final class Listener: @unchecked Sendable {
    // Sendable: the handle is taken out once.
    private let handle: Atomic<UInt>
    private let server: HTTPServer
    private let box: HandlerBox
    /// The port that was bound; 0 for a unix socket.
    public let port: Int

    fileprivate init(_ raw: OpaquePointer, _ server: HTTPServer, _ box: HandlerBox) {
        handle = Atomic(UInt(bitPattern: raw))
        self.server = server
        self.box = box
        port = unsafe Int(server.api.pointee.port(server.host.table, raw))
    }

    /// Takes no further request, waits until the running ones are answered or the deadline passed.
    public func close(deadline: Deadline) {
        let raw = handle.exchange(0, ordering: .acquiringAndReleasing)
        guard raw != 0 else { return }
        unsafe server.api.pointee.close(
            server.host.table, OpaquePointer(bitPattern: raw), deadline.monotonicNanoseconds)
        unsafe Unmanaged.passUnretained(box).release()
    }

    deinit { close(deadline: server.host.deadline(in: .zero)) }
}

extension Host {
    /// The HTTP and gRPC server, if this host has one.
    public var httpServer: HTTPServer? { HTTPServer(self) }
}
