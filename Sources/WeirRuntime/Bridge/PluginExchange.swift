import CWeir
import NIOCore
import WeirNet

/// One request as a plugin sees it, until it is answered.
final class PluginExchange: @unchecked Sendable {  // names are added by the one who answers
    private let exchange: ServerExchange
    private let instance: ComponentInstance
    /// Keeps the text of headers that the plugin asked for.
    private var texts: [ByteBuffer] = []

    init(_ exchange: ServerExchange, _ instance: ComponentInstance) {
        self.exchange = exchange
        self.instance = instance
    }

    static func from(_ pointer: OpaquePointer) -> PluginExchange {
        unsafe Unmanaged<PluginExchange>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
    }

    static func take(_ pointer: OpaquePointer) -> PluginExchange {
        unsafe Unmanaged<PluginExchange>.fromOpaque(UnsafeRawPointer(pointer)).takeRetainedValue()
    }

    func hand(to handler: weir_http_handler, flags: UInt32) {
        let body =
            exchange.body.readableBytes == 0
            ? nil : HostBuffer(exchange.body, budget: instance.services.budget)
        let own = unsafe OpaquePointer(Unmanaged.passRetained(self).toOpaque())
        var method = exchange.method
        var path = exchange.path
        var query = exchange.query ?? ""
        var type = exchange.header("content-type") ?? ""
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
                                    flags: flags, message_index: 0, method: weir_slice(method),
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

    func respond(_ response: weir_response) {
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
            headers.append(("content-type", unsafe response.content_type.string))
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
    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        unsafe self.init(data: bytes.baseAddress, length: bytes.count)
    }
}
