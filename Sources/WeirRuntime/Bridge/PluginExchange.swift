import CWeir
import Glibc
import NIOCore
import Synchronization
import WeirNet

/// One request as a plugin sees it, until it is answered.
final class PluginExchange: @unchecked Sendable {  // names are added by the one who answers
    private let exchange: ServerExchange
    private let instance: ComponentInstance
    /// Keeps the text of headers that the plugin asked for.
    private var texts: [ByteBuffer] = []
    /// The plugin's reference, until it answers; and how many messages it has seen.
    private let state = Mutex<(own: UInt, isAnswered: Bool, messages: UInt32)>((0, false, 0))

    init(_ exchange: ServerExchange, _ instance: ComponentInstance) {
        self.exchange = exchange
        self.instance = instance
    }

    static func from(_ pointer: OpaquePointer) -> PluginExchange {
        unsafe Unmanaged<PluginExchange>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
    }

    /// Hands one message over; the first one also gives the plugin its reference. What comes after
    /// the answer is of no interest to anyone.
    func hand(_ message: ByteBuffer, to handler: weir_http_handler, isLast: Bool) {
        let (own, index) = unsafe state.withLock { state -> (OpaquePointer?, UInt32) in
            if state.isAnswered { return (nil, 0) }
            if state.own == 0 {
                state.own = unsafe UInt(bitPattern: Unmanaged.passRetained(self).toOpaque())
            }
            defer { state.messages += 1 }
            return unsafe (OpaquePointer(bitPattern: state.own), state.messages)
        }
        guard let own = unsafe own else { return }
        let body =
            message.readableBytes == 0
            ? nil : HostBuffer(message, budget: instance.services.budget)
        // From here on the body counts by itself.
        switch exchange.reservation {
        case let memory as BudgetReservation: memory.release()
        case let both as IntakeReservation: both.memory.release()
        default: break
        }
        let flags = isLast ? 0 : UInt32(WEIR_REQUEST_MORE)
        var method = exchange.method
        var path = exchange.path
        var query = exchange.query ?? ""
        var type = exchange.head.contentType
        var peer = exchange.head.peerDescription
        instance.crumbed {
            method.withUTF8 { method in
                path.withUTF8 { path in
                    query.withUTF8 { query in
                        type.withUTF8 { type in
                            peer.withUTF8 { peer in
                                var request = unsafe weir_request(
                                    size: UInt32(MemoryLayout<weir_request>.size),
                                    protocol: UInt32(
                                        exchange.isGRPC ? WEIR_PROTOCOL_GRPC : WEIR_PROTOCOL_HTTP),
                                    flags: flags, message_index: index, method: weir_slice(method),
                                    path: weir_slice(path), query: weir_slice(query),
                                    content_type: weir_slice(type), peer: weir_slice(peer),
                                    body: body?.pointer)
                                unsafe handler.request(handler.context, own, &request)
                            }
                        }
                    }
                }
            }
        }
        withExtendedLifetime(body) {}
    }

    func header(_ name: weir_slice) -> weir_slice {
        guard let value = exchange.header(unsafe name.string) else { return unsafe weir_slice() }
        let text = ByteBuffer(string: value)
        texts.append(text)
        // The storage is on the heap and lives as long as this exchange.
        return unsafe text.withUnsafeReadableBytes { bytes in
            unsafe weir_slice(
                data: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), length: bytes.count)
        }
    }

    /// Takes the plugin's reference back without an answer: nobody would get it.
    func abandon() -> OpaquePointer? {
        unsafe state.withLock { state in
            guard state.own != 0, !state.isAnswered else { return nil }
            state.isAnswered = true
            return unsafe OpaquePointer(bitPattern: state.own)
        }
    }

    static func release(_ own: OpaquePointer) {
        unsafe Unmanaged<PluginExchange>.fromOpaque(UnsafeRawPointer(own)).release()
    }

    func respond(_ response: weir_response) {
        let isFirst = state.withLock { state in
            defer { state.isAnswered = true }
            return !state.isAnswered
        }
        // Not the first: the caller went away at the same moment, and abandon() has the reference.
        guard isFirst else { return }
        defer { unsafe Unmanaged.passUnretained(self).release() }
        let retry =
            unsafe response.retry_after_ns > 0
            ? TimeAmount.nanoseconds(Int64(clamping: response.retry_after_ns)) : nil
        let bytes = unsafe UnsafeRawBufferPointer(
            start: response.body.data, count: response.body.data == nil ? 0 : response.body.length)
        let body = unsafe bytes.isEmpty ? nil : ByteBuffer(bytes: bytes)
        if exchange.isGRPC {
            let status = unsafe GRPCStatus(
                GRPCCode(rawValue: Int(response.code)) ?? .unknown, response.message.string,
                retryDelay: retry)
            exchange.respondGRPC(status, body: body)
            return
        }
        var headers: [(String, String)] = []
        if unsafe response.content_type.length > 0 {
            headers.append(("content-type", unsafe response.content_type.mediaType))
        }
        let headerCount = unsafe response.header_count
        for index in 0..<headerCount {
            let header = unsafe response.headers[index]
            headers.append((unsafe header.name.string, unsafe header.value.string))
        }
        exchange.respond(
            status: Int(unsafe response.code), headers: headers, body: body, retryAfter: retry)
    }
}

extension weir_slice {
    /// A copy as text, which the usual answer's need not be.
    fileprivate var mediaType: String {
        let usual: StaticString = "application/x-protobuf"
        let isUsual =
            unsafe length == usual.utf8CodeUnitCount
            && memcmp(data, usual.utf8Start, length) == 0
        return isUsual ? "application/x-protobuf" : unsafe string
    }

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        unsafe self.init(data: bytes.baseAddress, length: bytes.count)
    }
}

/// The calls that bring a stream of messages and have not ended.
final class OpenStreams: Sendable {
    private let calls = Mutex<[ObjectIdentifier: PluginExchange]>([:])

    func call(_ exchange: ServerExchange, make: () -> PluginExchange) -> PluginExchange {
        calls.withLock { calls in
            if let known = calls[ObjectIdentifier(exchange)] { return known }
            let call = make()
            calls[ObjectIdentifier(exchange)] = call
            return call
        }
    }

    func end(_ exchange: ServerExchange) -> PluginExchange? {
        // No stream, no lock: most ports never see one.
        calls.withLock { $0.isEmpty ? nil : $0.removeValue(forKey: ObjectIdentifier(exchange)) }
    }
}
