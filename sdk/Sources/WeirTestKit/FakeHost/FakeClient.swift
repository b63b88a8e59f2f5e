import CWeir
import Synchronization
public import WeirSDK

/// A request that the component under test sent.
public struct SentRequest: Sendable {
    public var protocols: Protocols
    /// The settings with which the client was opened, as JSON.
    public var settings: String
    public var method: String
    public var path: String
    public var headers: [Header]
    public var body: [UInt8]
    public var deadline: Deadline
}

/// What the other side answers.
public struct FakeReply: Sendable {
    /// No answer came, for this reason.
    public var failure: ComponentError?
    public var code: UInt32
    public var retryAfter: Duration?
    public var message: String
    public var contentType: String
    public var body: [UInt8]
    public var headers: [Header]
    public var wasNotProcessed: Bool

    public init(
        code: UInt32, body: [UInt8] = [], contentType: String = "", message: String = "",
        headers: [Header] = [], retryAfter: Duration? = nil, failure: ComponentError? = nil,
        wasNotProcessed: Bool = false
    ) {
        self.code = code
        self.body = body
        self.contentType = contentType
        self.message = message
        self.headers = headers
        self.retryAfter = retryAfter
        self.failure = failure
        self.wasNotProcessed = wasNotProcessed
    }

    /// No answer came.
    public static func failure(
        _ error: ComponentError, wasNotProcessed: Bool = false
    ) -> FakeReply {
        FakeReply(
            code: 0, message: error.message, failure: error, wasNotProcessed: wasNotProcessed)
    }
}

/// Stands for everything that the component's clients talk to.
public final class FakeClient: @unchecked Sendable {
    // Sendable: the host is set once, before anyone else sees this; all else is behind a lock.
    private typealias Replied = @Sendable (FakeReply) -> Void

    private struct State: Sendable {
        var sent: [SentRequest] = []
        var waiting: [Int: Replied] = [:]
        var clients: [UInt: [Int]] = [:]
        var opened: [UInt: (settings: String, protocols: Protocols)] = [:]
        var nextClient: UInt = 1
        var answer: (@Sendable (SentRequest) -> FakeReply?)?
    }

    private let state = Mutex(State())
    weak var host: FakeHost?

    /// Everything that was sent, in order.
    public var sent: [SentRequest] { state.withLock { $0.sent } }
    var openCount: Int { state.withLock { $0.opened.count } }

    /// What is answered from now on; `nil` from the function leaves a request waiting.
    public func answer(_ answer: @escaping @Sendable (SentRequest) -> FakeReply?) {
        state.withLock { $0.answer = answer }
    }

    /// Answers a request that waits, by its index in ``sent``.
    public func reply(to index: Int, _ reply: FakeReply) {
        let replied = state.withLock { $0.waiting.removeValue(forKey: index) }
        guard let replied else { preconditionFailure("request \(index) does not wait") }
        replied(reply)
    }

    func open(_ settings: String, _ protocols: UInt32) -> UInt {
        state.withLock { state in
            defer { state.nextClient += 1 }
            state.opened[state.nextClient] = (settings, Protocols(rawValue: protocols))
            return state.nextClient
        }
    }

    func send(
        _ client: UInt, _ request: SentRequest, _ replied: @escaping @Sendable (FakeReply) -> Void
    ) {
        var request = request
        let (index, answer) = state.withLock { state in
            if let opened = state.opened[client] {
                (request.settings, request.protocols) = opened
            }
            state.sent.append(request)
            let index = state.sent.count - 1
            state.waiting[index] = replied
            state.clients[client, default: []].append(index)
            return (index, state.answer)
        }
        if let reply = answer?(request) { self.reply(to: index, reply) }
    }

    func close(_ client: UInt) {
        let pending = state.withLock { state in
            state.opened[client] = nil
            let indices = state.clients.removeValue(forKey: client) ?? []
            return indices.compactMap { state.waiting.removeValue(forKey: $0) }
        }
        for replied in pending { replied(.failure(.cancelled("the client was closed"))) }
    }
}

func clientTable() -> weir_http_client {
    unsafe weir_http_client(
        size: UInt32(MemoryLayout<weir_http_client>.size), reserved: 0,
        open: { host, settings, protocols, client, _ in
            let host = unsafe FakeHost.of(host)
            host.checkAllowed("http_client.open")
            let id = unsafe host.client.open(settings.string, protocols)
            unsafe client!.pointee = OpaquePointer(bitPattern: id)
            return Status.ok
        },
        send: { host, client, request, replied, context, _ in
            let request = unsafe request!.pointee
            let headers = unsafe UnsafeBufferPointer(
                start: request.headers, count: request.header_count
            ).map { unsafe Header($0.name.string, $0.value.string) }
            let body = unsafe UnsafeBufferPointer(
                start: request.parts, count: Int(request.part_count)
            ).flatMap { unsafe Array($0.bytes) }
            let sent = unsafe SentRequest(
                protocols: [], settings: "", method: request.method.string,
                path: request.path.string, headers: headers, body: body,
                deadline: Deadline(monotonicNanoseconds: request.deadline))
            let address = UInt(bitPattern: context)
            let replied = unsafe replied!
            unsafe FakeHost.of(host).client.send(UInt(bitPattern: client), sent) { reply in
                unsafe withRawReply(reply) {
                    unsafe replied(UnsafeMutableRawPointer(bitPattern: address), $0)
                }
            }
            return Status.ok
        },
        close: { unsafe FakeHost.of($0).client.close(UInt(bitPattern: $1)) })
}

private func withRawReply(_ reply: FakeReply, _ body: (UnsafePointer<weir_reply>) -> Void) {
    unsafe withSlice(reply.message) { message in
        unsafe withSlice(reply.contentType) { contentType in
            unsafe reply.body.withUnsafeBytes { bytes in
                unsafe withHeaders(reply.headers) { headers in
                    var raw = unsafe weir_reply(
                        size: UInt32(MemoryLayout<weir_reply>.size),
                        flags: reply.wasNotProcessed ? 1 : 0,
                        status: reply.failure?.status ?? Status.ok, code: reply.code,
                        retry_after_ns: reply.retryAfter?.clampedNanoseconds ?? 0,
                        message: message, content_type: contentType, body: weir_slice(bytes),
                        headers: headers.baseAddress, header_count: headers.count)
                    unsafe body(&raw)
                }
            }
        }
    }
}
