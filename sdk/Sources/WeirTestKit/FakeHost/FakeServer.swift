import CWeir
import Synchronization
public import WeirSDK

/// Sends requests to the listeners that the component under test opened.
public final class FakeServer: @unchecked Sendable {
    // Sendable: the host is set once, before anyone else sees this; all else is behind a lock.
    @safe private struct Handler: @unchecked Sendable {  // Sendable: constants of the component
        var settings: String
        var protocols: Protocols
        var raw: weir_http_handler
    }

    private struct State {
        var listeners: [UInt: Handler] = [:]
        var exchanges: [UInt: FakeExchange] = [:]
        var next: UInt = 1
    }

    private let state = Mutex(State())
    weak var host: FakeHost?

    var openCount: Int { state.withLock { $0.listeners.count } }

    /// The settings of the listeners that are open, as JSON.
    public var listening: [String] {
        state.withLock { state in
            state.listeners.keys.sorted().map { state.listeners[$0]!.settings }
        }
    }

    /// Sends a request to the first listener that speaks its protocol; the exchange has the answer
    /// as soon as there is one. `nil`: nobody listens.
    public func send(
        _ method: String, _ path: String, body: [UInt8], contentType: String = "",
        headers: [Header] = [], grpc: Bool = false, query: String = "", peer: String = "unix:"
    ) -> FakeExchange? {
        let wanted: Protocols = grpc ? .grpc : .http
        let found = state.withLock { state in
            state.listeners.sorted { $0.key < $1.key }
                .first { $0.value.protocols.contains(wanted) }?.value
        }
        guard let found else { return nil }
        let asked = Asked(
            method: method, path: path, query: query, contentType: contentType, peer: peer,
            protocols: wanted, body: body, headers: headers)
        return unsafe hand(asked, to: found.raw)
    }

    struct Asked {
        var method: String
        var path: String
        var query: String
        var contentType: String
        var peer: String
        var protocols: Protocols
        var body: [UInt8]
        var headers: [Header]
    }

    func hand(_ asked: Asked, to handler: weir_http_handler) -> FakeExchange? {
        guard let host else { return nil }
        let exchange = FakeExchange(headers: asked.headers)
        let id = state.withLock { state in
            defer { state.next += 1 }
            state.exchanges[state.next] = exchange
            return state.next
        }
        if let admit = unsafe handler.admit {
            var error = weir_error()
            unsafe weir_error_init(&error)
            let status = unsafe withSlice(asked.path) {
                unsafe admit(handler.context, $0, UInt64(asked.body.count), &error)
            }
            if status != Status.ok {
                exchange.admission.withLock { $0 = unsafe ComponentError(status, &error) }
                _ = state.withLock { $0.exchanges.removeValue(forKey: id) }
                return exchange
            }
        }
        guard let buffer = unsafe host.memory.makeBuffer(asked.body.count) else { return nil }
        defer { host.memory.release(UInt(bitPattern: buffer)) }
        for (index, byte) in asked.body.enumerated() { unsafe buffer.pointee.data[index] = byte }
        unsafe withSlice(asked.method) { method in
            unsafe withSlice(asked.path) { path in
                unsafe withSlice(asked.query) { query in
                    unsafe withSlice(asked.contentType) { contentType in
                        unsafe withSlice(asked.peer) { peer in
                            var request = unsafe weir_request(
                                size: UInt32(MemoryLayout<weir_request>.size),
                                protocol: asked.protocols.rawValue, flags: 0, message_index: 0,
                                method: method, path: path, query: query,
                                content_type: contentType, peer: peer,
                                body: asked.body.isEmpty ? nil : UnsafePointer(buffer))
                            unsafe handler.request(
                                handler.context, OpaquePointer(bitPattern: id), &request)
                        }
                    }
                }
            }
        }
        return exchange
    }

    fileprivate func listen(
        _ settings: String, _ protocols: UInt32, _ handler: weir_http_handler
    ) -> UInt {
        state.withLock { state in
            defer { state.next += 1 }
            state.listeners[state.next] = unsafe Handler(
                settings: settings, protocols: Protocols(rawValue: protocols), raw: handler)
            return state.next
        }
    }

    fileprivate func close(_ listener: UInt) {
        _ = state.withLock { $0.listeners.removeValue(forKey: listener) }
    }

    fileprivate func exchange(_ id: UInt) -> FakeExchange? { state.withLock { $0.exchanges[id] } }

    fileprivate func respond(_ id: UInt, _ response: Response) {
        let exchange = state.withLock { $0.exchanges.removeValue(forKey: id) }
        guard let exchange else {
            host?.violation("respond() on an exchange that is gone")
            return
        }
        exchange.answer.withLock { $0 = response }
    }
}

/// One request that a test sent.
public final class FakeExchange: Sendable {
    let headers: [Header]
    let answer = Mutex<Response?>(nil)
    let admission = Mutex<ComponentError?>(nil)

    init(headers: [Header]) { self.headers = headers }

    /// What the component answered; `nil` while it has not.
    public var response: Response? { answer.withLock { $0 } }
    /// Why the component did not want the body read.
    public var refusal: ComponentError? { admission.withLock { $0 } }
}

func serverTable() -> weir_http_server {
    unsafe weir_http_server(
        size: UInt32(MemoryLayout<weir_http_server>.size), reserved: 0,
        listen: { host, settings, protocols, handler, listener, _ in
            let host = unsafe FakeHost.of(host)
            host.checkAllowed("http_server.listen")
            let id = unsafe host.server.listen(settings.string, protocols, handler!.pointee)
            unsafe listener!.pointee = OpaquePointer(bitPattern: id)
            return Status.ok
        },
        port: { _, _ in 4318 },
        close: { host, listener, _ in
            unsafe FakeHost.of(host).server.close(UInt(bitPattern: listener))
        },
        header: { host, exchange, name in
            let name = unsafe name.string
            let found = unsafe FakeHost.of(host).server.exchange(UInt(bitPattern: exchange))
            guard let header = found?.headers.first(where: { $0.name == name }) else {
                return unsafe .empty
            }
            // Lives as long as the process: a test's headers are few and short.
            let text = Array(header.value.utf8)
            let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, text.count))
            for (index, byte) in text.enumerated() { unsafe (copy + index).initialize(to: byte) }
            return unsafe weir_slice(data: UnsafePointer(copy), length: text.count)
        },
        respond: { host, exchange, response in
            let raw = unsafe response!.pointee
            let headers = unsafe UnsafeBufferPointer(start: raw.headers, count: raw.header_count)
            let delay = unsafe raw.retry_after_ns
            let answer = unsafe Response(
                code: raw.code, contentType: raw.content_type.string, message: raw.message.string,
                body: Array(raw.body.bytes),
                headers: headers.map { unsafe Header($0.name.string, $0.value.string) },
                retryAfter: delay == 0 ? nil : Duration(nanosecondCount: delay))
            unsafe FakeHost.of(host).server.respond(UInt(bitPattern: exchange), answer)
        })
}
