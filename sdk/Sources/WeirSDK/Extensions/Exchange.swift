package import CWeir
import Synchronization

/// A request whose body is whole and plain. Valid until the handler returns.
@safe public struct Request: ~Copyable {
    private let raw: UnsafePointer<weir_request>
    private let host: Host

    init(_ raw: UnsafePointer<weir_request>, _ host: Host) {
        unsafe self.raw = raw
        self.host = host
    }

    public var isGRPC: Bool { unsafe raw.pointee.protocol == Protocols.grpc.rawValue }
    public var method: String { unsafe raw.pointee.method.string }
    /// Without the query. gRPC: `/package.Service/Method`.
    public var path: String { unsafe raw.pointee.path.string }
    public var query: String { unsafe raw.pointee.query.string }
    public var contentType: String { unsafe raw.pointee.content_type.string }
    /// The same without a text being made, for those who only compare it.
    public var methodBytes: RawSpan {
        @_lifetime(borrow self)
        get {
            unsafe _overrideLifetime(
                RawSpan(_unsafeBytes: raw.pointee.method.bytes), borrowing: self)
        }
    }
    public var pathBytes: RawSpan {
        @_lifetime(borrow self)
        get {
            unsafe _overrideLifetime(RawSpan(_unsafeBytes: raw.pointee.path.bytes), borrowing: self)
        }
    }
    public var contentTypeBytes: RawSpan {
        @_lifetime(borrow self)
        get {
            unsafe _overrideLifetime(
                RawSpan(_unsafeBytes: raw.pointee.content_type.bytes), borrowing: self)
        }
    }
    /// `203.0.113.7:52114` or `unix:`.
    public var peer: String { unsafe raw.pointee.peer.string }
    /// gRPC client streaming: further messages of this call follow; answer after the last.
    public var hasMore: Bool { unsafe raw.pointee.flags & UInt32(1) != 0 }
    /// Which message of the call this is, from 0.
    public var messageIndex: Int { unsafe Int(raw.pointee.message_index) }

    /// The body, which may go into a batch as it is; `nil` if there is none.
    public var body: Buffer? {
        guard let body = unsafe raw.pointee.body else { return nil }
        return unsafe Buffer(retaining: body, host)
    }
}

/// What is answered.
public struct Response: Sendable {
    /// HTTP: 200, 503, ...; gRPC: ``GRPCCode``.
    public var code: UInt32
    /// Becomes Retry-After, or RetryInfo in the gRPC status.
    public var retryAfter: Duration?
    public var contentType: String
    /// gRPC: the status message.
    public var message: String
    /// gRPC: the one message, sent only with `ok`.
    public var body: [UInt8]
    public var headers: [Header]

    public init(
        code: UInt32, contentType: String = "", message: String = "", body: [UInt8] = [],
        headers: [Header] = [], retryAfter: Duration? = nil
    ) {
        self.code = code
        self.contentType = contentType
        self.message = message
        self.body = body
        self.headers = headers
        self.retryAfter = retryAfter
    }

    public static func grpc(
        _ code: GRPCCode, message: String = "", body: [UInt8] = [], retryAfter: Duration? = nil
    ) -> Response {
        Response(code: code.rawValue, message: message, body: body, retryAfter: retryAfter)
    }
}

/// One request that waits for its answer; answered exactly once.
///
/// An exchange that is lost answers itself with 500 or INTERNAL, and the plugin gets the blame.
@safe public final class Exchange: @unchecked Sendable {
    // Sendable: the handle is taken out once.
    private let handle: Atomic<UInt>
    private let server: HTTPServer
    private let isGRPC: Bool
    private let isLast: Bool

    init(_ raw: OpaquePointer, _ server: HTTPServer, _ request: borrowing Request) {
        handle = Atomic(UInt(bitPattern: raw))
        self.server = server
        isGRPC = request.isGRPC
        isLast = !request.hasMore
    }

    /// A request's header by lower-case name, until the exchange is answered.
    public func header(_ name: String) -> String? {
        let raw = handle.load(ordering: .acquiring)
        guard raw != 0 else { return nil }
        return unsafe withSlice(name) {
            let value = unsafe server.api.pointee.header(
                server.host.table, OpaquePointer(bitPattern: raw), $0)
            return unsafe value.data == nil ? nil : value.string
        }
    }

    /// Answers. A second answer is ignored and logged.
    public func respond(_ response: Response) {
        let raw = handle.exchange(0, ordering: .acquiringAndReleasing)
        guard raw != 0 else {
            server.host.log(.pluginMisbehaving, "a request was answered twice")
            return
        }
        unsafe withHeaders(response.headers) { headers in
            unsafe withSlice(response.contentType) { contentType in
                unsafe withSlice(response.message) { message in
                    unsafe response.body.withUnsafeBytes { body in
                        var table = unsafe weir_response(
                            size: UInt32(MemoryLayout<weir_response>.size), code: response.code,
                            retry_after_ns: response.retryAfter?.clampedNanoseconds ?? 0,
                            content_type: contentType, message: message, body: weir_slice(body),
                            headers: headers.baseAddress, header_count: headers.count)
                        unsafe server.api.pointee.respond(
                            server.host.table, OpaquePointer(bitPattern: raw), &table)
                    }
                }
            }
        }
    }

    deinit {
        guard isLast, handle.load(ordering: .acquiring) != 0 else { return }
        server.host.log(.pluginMisbehaving, "a request was never answered")
        let message = "the plugin lost the request"
        respond(
            isGRPC
                ? .grpc(.internal, message: message)
                : Response(code: 500, contentType: "text/plain", body: Array(message.utf8)))
    }
}

/// Lends headers in the form of the ABI for the time of a call.
package func withHeaders<R>(_ headers: [Header], _ body: (UnsafeBufferPointer<weir_header>) -> R)
    -> R
{
    if headers.isEmpty { return unsafe body(UnsafeBufferPointer(start: nil, count: 0)) }
    var text: [UInt8] = []
    for header in headers {
        text.append(contentsOf: header.name.utf8)
        text.append(contentsOf: header.value.utf8)
    }
    return unsafe text.withUnsafeBufferPointer { text in
        var offset = 0
        func next(_ count: Int) -> weir_slice {
            defer { offset += count }
            return unsafe weir_slice(
                data: text.baseAddress.map { unsafe $0 + offset }, length: count)
        }
        var raw = unsafe [weir_header]()
        for header in headers {
            let name = unsafe next(header.name.utf8.count)
            let value = unsafe next(header.value.utf8.count)
            unsafe raw.append(weir_header(name: name, value: value))
        }
        return unsafe raw.withUnsafeBufferPointer { unsafe body($0) }
    }
}
