import CWeir
import Synchronization

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
    var host: Host { http.host }
    private let lastCall = Atomic<UInt64>(0)

    init(_ raw: OpaquePointer, _ http: HTTPClient) {
        handle = Atomic(UInt(bitPattern: raw))
        self.http = http
    }

    /// Sends a request. `replied` is called exactly once unless this throws, possibly before this
    /// returns, on any thread; it must not block.
    ///
    /// - Parameters:
    ///   - method: gRPC ignores it.
    ///   - path: appended to the path of the endpoint, with its query. gRPC:
    ///     `/package.Service/Method`.
    ///   - headers: beside those of the settings.
    ///   - deadline: `none`: the `timeout` of the settings.
    ///   - maxBody: the largest body of an answer in bytes, decoded. Beyond it nothing more is read,
    ///     and the reply fails with ``Reply/isTooLarge``. `nil`: 4 MiB; with `onChunk` no limit.
    ///   - acceptsCompressed: asks for a compressed answer, which arrives decoded.
    ///   - onChunk: gets the body of an answer with a 2xx code piece by piece as it comes, decoded,
    ///     one call at a time and never after `replied`; the reply's body is then empty. What is not
    ///     2xx is whole in the reply. It must not block.
    /// - Returns: what can end the request early.
    @discardableResult
    public func send(
        _ method: String, _ path: String, headers: [Header] = [], _ body: Body,
        deadline: Deadline = .none, maxBody: Int? = nil, acceptsCompressed: Bool = false,
        onChunk: (@Sendable (RawSpan) -> Void)? = nil,
        _ replied: @escaping @Sendable (borrowing Reply) -> Void
    ) throws(ComponentError) -> ClientCall {
        let raw = handle.load(ordering: .acquiring)
        guard raw != 0 else { throw .cancelled("the client has been closed") }
        let id = lastCall.add(1, ordering: .relaxed).newValue
        let context = unsafe Unmanaged.passRetained(ReplyBox(replied, onChunk))
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
                                    deadline: deadline.monotonicNanoseconds,
                                    flags: acceptsCompressed ? 1 : 0, reserved: 0,
                                    max_body: UInt64(clamping: maxBody ?? 0),
                                    chunk: onChunk == nil ? nil : ReplyBox.chunk, id: id)
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
        return ClientCall(id, self)
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

    fileprivate func cancel(_ id: UInt64) {
        let raw = handle.load(ordering: .acquiring)
        guard raw != 0 else { return }
        unsafe http.api.pointee.cancel(http.host.table, OpaquePointer(bitPattern: raw), id)
    }

    /// Ends what is under way with `cancelled` and waits for those calls to return.
    public func close() {
        let raw = handle.exchange(0, ordering: .acquiringAndReleasing)
        guard raw != 0 else { return }
        unsafe http.api.pointee.close(http.host.table, OpaquePointer(bitPattern: raw))
    }

    deinit { close() }
}

/// A request that was sent. It holds neither the request nor its client.
public struct ClientCall: Sendable {
    private let id: UInt64
    private weak let client: Client?

    fileprivate init(_ id: UInt64, _ client: Client) {
        self.id = id
        self.client = client
    }

    /// Ends the request: its reply fails with `cancelled`, unless there is one already. Any thread,
    /// but not while the client is being closed, which cancels by itself.
    public func cancel() { client?.cancel(id) }
}

private final class ReplyBox: Sendable {
    let replied: @Sendable (borrowing Reply) -> Void
    let onChunk: (@Sendable (RawSpan) -> Void)?

    init(
        _ replied: @escaping @Sendable (borrowing Reply) -> Void,
        _ onChunk: (@Sendable (RawSpan) -> Void)?
    ) {
        self.replied = replied
        self.onChunk = onChunk
    }

    static let replied:
        @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<weir_reply>?) -> Void = {
            let box = unsafe Unmanaged<ReplyBox>.fromOpaque($0!).takeRetainedValue()
            box.replied(unsafe Reply($1!))
        }

    static let chunk: @convention(c) (UnsafeMutableRawPointer?, weir_slice) -> Void = {
        let box = unsafe Unmanaged<ReplyBox>.fromOpaque($0!).takeUnretainedValue()
        box.onChunk?(unsafe RawSpan(_unsafeBytes: $1.bytes))
    }
}
