import CWeir
import Synchronization
import WeirSDK

/// Stands for everything that the component's clients talk to.
public final class FakeClient: @unchecked Sendable {
    // Sendable: the host is set once, before anyone else sees this; all else is behind a lock.
    /// What the component gave along with a request.
    struct Callbacks: Sendable {
        var id: UInt64
        var chunk: (@Sendable ([UInt8]) -> Void)?
        var replied: @Sendable (FakeReply) -> Void
    }

    private struct State: Sendable {
        var sent: [SentRequest] = []
        var waiting: [Int: Callbacks] = [:]
        var cancelled: [Int] = []
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

    /// The requests that the component cancelled, by their index in ``sent``.
    public var cancelled: [Int] { state.withLock { $0.cancelled } }

    /// Whether a request still waits for its reply, by its index in ``sent``.
    public func isWaiting(_ index: Int) -> Bool { state.withLock { $0.waiting[index] != nil } }

    /// Answers a request that waits, by its index in ``sent``. The body of a streamed request with a
    /// 2xx code goes to the component as one more chunk.
    public func reply(to index: Int, _ reply: FakeReply) {
        let found = state.withLock { state in
            state.waiting.removeValue(forKey: index).map { ($0, state.sent[index].maxBody) }
        }
        guard let (callbacks, maxBody) = found else {
            preconditionFailure("request \(index) does not wait")
        }
        var reply = reply.limited(to: maxBody)
        if let chunk = callbacks.chunk, (200..<300).contains(reply.code), reply.failure == nil {
            if !reply.body.isEmpty { chunk(reply.body) }
            reply.wireBytes = reply.wireBytes ?? reply.body.count
            reply.body = []
        }
        callbacks.replied(reply)
    }

    /// Sends a piece of the body of a streamed request that waits, by its index in ``sent``.
    public func chunk(to index: Int, _ bytes: [UInt8]) {
        let chunk = state.withLock { $0.waiting[index]?.chunk }
        guard let chunk else {
            preconditionFailure("request \(index) does not wait for chunks")
        }
        chunk(bytes)
    }

    func open(_ settings: String, _ protocols: UInt32) -> UInt {
        state.withLock { state in
            defer { state.nextClient += 1 }
            state.opened[state.nextClient] = (settings, Protocols(rawValue: protocols))
            return state.nextClient
        }
    }

    func send(_ client: UInt, _ request: SentRequest, _ callbacks: Callbacks) {
        var request = request
        let (index, answer) = state.withLock { state in
            if let opened = state.opened[client] {
                (request.settings, request.protocols) = opened
            }
            state.sent.append(request)
            let index = state.sent.count - 1
            state.waiting[index] = callbacks
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
        for waiting in pending { waiting.replied(.failure(.cancelled("the client was closed"))) }
    }

    func cancel(_ client: UInt, _ id: UInt64) {
        let found = state.withLock { state -> Callbacks? in
            let indices = state.clients[client] ?? []
            guard let index = indices.first(where: { state.waiting[$0]?.id == id }) else {
                return nil
            }
            state.cancelled.append(index)
            return state.waiting.removeValue(forKey: index)
        }
        found?.replied(.failure(.cancelled("the request was cancelled")))
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
                deadline: Deadline(monotonicNanoseconds: request.deadline),
                maxBody: request.max_body == 0 ? nil : Int(clamping: request.max_body),
                acceptsCompressed: request.flags & 1 != 0, isStreamed: request.chunk != nil)
            let address = UInt(bitPattern: context)
            let replied = unsafe replied!
            var callbacks = unsafe FakeClient.Callbacks(id: request.id, chunk: nil) { reply in
                unsafe reply.withRaw {
                    unsafe replied(UnsafeMutableRawPointer(bitPattern: address), $0)
                }
            }
            if let chunk = unsafe request.chunk {
                callbacks.chunk = { bytes in
                    unsafe bytes.withUnsafeBytes {
                        unsafe chunk(UnsafeMutableRawPointer(bitPattern: address), weir_slice($0))
                    }
                }
            }
            unsafe FakeHost.of(host).client.send(UInt(bitPattern: client), sent, callbacks)
            return Status.ok
        },
        close: { unsafe FakeHost.of($0).client.close(UInt(bitPattern: $1)) },
        cancel: { unsafe FakeHost.of($0).client.cancel(UInt(bitPattern: $1), $2) })
}
