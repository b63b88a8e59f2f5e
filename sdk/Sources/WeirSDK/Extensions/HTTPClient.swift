import CWeir
import Synchronization
import WeirJSON

/// Requests to outside, HTTP and gRPC, over the host's connections.
@safe public struct HTTPClient: @unchecked Sendable {  // Sendable: a constant table
    let host: Host
    let api: UnsafePointer<weir_http_client>

    init?(_ host: Host) {
        guard let api = unsafe host.find(WEIR_EXT_HTTP_CLIENT, weir_http_client.self) else {
            return nil
        }
        self.host = host
        unsafe self.api = api
    }

    /// Prepares a client for the endpoint in settings of `weir:http_client` or `weir:grpc_client`;
    /// it connects at first need.
    public func open(
        _ settings: HostSettings, _ protocols: Protocols
    ) throws(ComponentError) -> Client {
        var raw: OpaquePointer? = nil
        try unsafe check { error in
            unsafe withSlice(settings.json.serialized()) {
                unsafe api.pointee.open(host.table, $0, protocols.rawValue, &raw, error)
            }
        }
        return unsafe Client(raw!, self)
    }
}

/// Connections to one endpoint, until it is closed or released.
@safe public final class Client: @unchecked Sendable {
    // Sendable: sending is any-thread, and the handle is taken out once.
    public enum Body: Sendable {
        case none
        /// Copied.
        case bytes([UInt8])
        /// All parts, sent one after the other without copying.
        case batch(Batch)
    }

    private let handle: Atomic<UInt>
    private let http: HTTPClient

    fileprivate init(_ raw: OpaquePointer, _ http: HTTPClient) {
        handle = Atomic(UInt(bitPattern: raw))
        self.http = http
    }

    /// Sends a request. `replied` is called exactly once unless this throws, possibly before this
    /// returns, on any thread; it must not block.
    ///
    /// - Parameters:
    ///   - method: gRPC ignores it.
    ///   - path: appended to the path of the endpoint. gRPC: `/package.Service/Method`.
    ///   - headers: beside those of the settings.
    ///   - deadline: `none`: the `timeout` of the settings.
    public func send(
        _ method: String, _ path: String, headers: [Header] = [], _ body: Body,
        deadline: Deadline = .none, _ replied: @escaping @Sendable (borrowing Reply) -> Void
    ) throws(ComponentError) {
        let raw = handle.load(ordering: .acquiring)
        guard raw != 0 else { throw .cancelled("the client has been closed") }
        let context = unsafe Unmanaged.passRetained(ReplyBox(replied))
        do throws(ComponentError) {
            try unsafe check { error in
                unsafe withParts(body) { parts, batch in
                    unsafe withHeaders(headers) { headers in
                        unsafe withSlice(method) { method in
                            unsafe withSlice(path) { path in
                                var request = unsafe weir_client_request(
                                    size: UInt32(MemoryLayout<weir_client_request>.size),
                                    part_count: UInt32(parts.count), method: method, path: path,
                                    headers: headers.baseAddress, header_count: headers.count,
                                    parts: parts.baseAddress, batch: batch?.raw,
                                    deadline: deadline.monotonicNanoseconds)
                                return unsafe http.api.pointee.send(
                                    http.host.table, OpaquePointer(bitPattern: raw), &request,
                                    ReplyBox.replied, context.toOpaque(), error)
                            }
                        }
                    }
                }
            }
        } catch {
            unsafe context.release()
            throw error
        }
    }

    private func withParts<R>(
        _ body: Body, _ call: (UnsafeBufferPointer<weir_slice>, Batch?) -> R
    ) -> R {
        switch body {
        case .none: return unsafe call(UnsafeBufferPointer(start: nil, count: 0), nil)
        case .bytes(let bytes):
            return unsafe bytes.withUnsafeBytes { bytes in
                var slice = unsafe weir_slice(bytes)
                return unsafe withUnsafePointer(to: &slice) {
                    unsafe call(UnsafeBufferPointer(start: $0, count: 1), nil)
                }
            }
        case .batch(let batch):
            defer { withExtendedLifetime(batch) {} }
            return unsafe call(
                UnsafeBufferPointer(start: batch.raw.pointee.parts, count: batch.partCount), batch)
        }
    }

    /// Ends what is under way with `cancelled` and waits for those calls to return.
    public func close() {
        let raw = handle.exchange(0, ordering: .acquiringAndReleasing)
        guard raw != 0 else { return }
        unsafe http.api.pointee.close(http.host.table, OpaquePointer(bitPattern: raw))
    }

    deinit { close() }
}

private final class ReplyBox: Sendable {
    let replied: @Sendable (borrowing Reply) -> Void
    init(_ replied: @escaping @Sendable (borrowing Reply) -> Void) { self.replied = replied }

    static let replied:
        @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<weir_reply>?) -> Void = {
            let box = unsafe Unmanaged<ReplyBox>.fromOpaque($0!).takeRetainedValue()
            box.replied(unsafe Reply($1!))
        }
}

extension Host {
    /// The HTTP and gRPC client, if this host has one.
    public var httpClient: HTTPClient? { HTTPClient(self) }
}
