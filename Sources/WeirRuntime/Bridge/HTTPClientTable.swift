import Logging
import CWeir
import NIOCore
import Synchronization
import WeirJSON
import WeirNet

/// weir/ext/http_client.h on WeirNet's client.
enum HTTPClientTable {
    nonisolated(unsafe) static let shared = unsafe HostExtensions.table(  // immutable
        weir_http_client(
            size: UInt32(MemoryLayout<weir_http_client>.size), reserved: 0,
            open: { host, settings, proto, out, error in
                let instance = unsafe ComponentInstance.from(host)
                do throws(NetError) {
                    let client = try unsafe PluginClient(
                        instance: instance, settings: settings.bytes,
                        grpc: proto & UInt32(WEIR_PROTOCOL_GRPC) != 0)
                    unsafe out!.pointee = OpaquePointer(Unmanaged.passRetained(client).toOpaque())
                    return Status.ok
                } catch let reason {
                    unsafe error!.pointee.set(Status.refused, reason.message)
                    return Status.refused
                }
            },
            send: { host, client, request, replied, context, _ in
                let request = unsafe request!.copied
                unsafe PluginClient.from(client!).send(
                    request,
                    PluginReply(replied: replied!, context: context, chunk: request.chunk))
                return Status.ok
            },
            close: { _, client in
                unsafe Unmanaged<PluginClient>.fromOpaque(UnsafeRawPointer(client!))
                    .takeRetainedValue().close()
            },
            cancel: { _, client, id in unsafe PluginClient.from(client!).cancel(id) }))
}

/// A plugin's function for a reply, called once, and for what comes before it.
@safe struct PluginReply: @unchecked Sendable {  // the context is the plugin's to guard
    let replied: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<weir_reply>?) -> Void
    let context: UnsafeMutableRawPointer?
    var chunk: (@convention(c) (UnsafeMutableRawPointer?, weir_slice) -> Void)? = nil
}

/// A server that a plugin sends to.
final class PluginClient: Sendable {
    private let client: HTTPClient
    private let instance: ComponentInstance
    private let isClosing = Atomic<Bool>(false)
    private let calls = CancellableCalls()

    init(instance: ComponentInstance, settings: [UInt8], grpc: Bool) throws(NetError) {
        self.instance = instance
        let json: JSONValue
        do {
            json = try JSONValue(parsing: settings)
        } catch {
            throw NetError(.configuration, "the settings of the client are not JSON: \(error)")
        }
        var options = try ClientOptions(settings: json, grpc: grpc)
        options.userAgent = "weir/" + BuildInfo.version
        client = try HTTPClient(options: options, group: instance.services.group)
    }

    static func from(_ pointer: OpaquePointer) -> PluginClient {
        unsafe Unmanaged<PluginClient>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
    }

    func send(_ request: weir_client_request, _ reply: PluginReply) {
        let sent = unsafe clientRequest(request, reply)
        let id = unsafe request.id
        calls.begin(id)
        let call = client.send(sent) { [instance, calls] result in
            calls.end(id)
            instance.crumbed { reply.call(self.outcome(result)) }
        }
        if calls.sent(id, call) { call.cancel() }
    }

    func cancel(_ id: UInt64) { calls.cancel(id)?.cancel() }

    private func clientRequest(
        _ request: weir_client_request, _ reply: PluginReply
    ) -> ClientRequest {
        var sent = unsafe ClientRequest(path: request.path.string, parts: [])
        unsafe setBody(of: &sent, request)
        let method = unsafe request.method.string
        if !method.isEmpty { sent.method = method }
        let headerCount = unsafe request.header_count
        for index in 0..<headerCount {
            let header = unsafe request.headers[index]
            let (name, value) = unsafe (header.name.string, header.value.string)
            if name == "content-type" {
                sent.contentType = value
            } else {
                sent.headers.append((name, value))
            }
        }
        let now = instance.services.time.monotonicNano
        if unsafe request.deadline > 0 {
            let left = unsafe request.deadline > now ? request.deadline - now : 1
            sent.timeout = .nanoseconds(Int64(clamping: left))
        }
        sent.acceptsCompressed =
            unsafe request.flags & UInt32(WEIR_SEND_ACCEPT_COMPRESSED) != 0
        if unsafe request.max_body > 0 { sent.maxBody = Int(clamping: unsafe request.max_body) }
        guard unsafe request.chunk != nil else { return sent }
        sent.onChunk = { [instance] bytes in instance.crumbed { reply.hand(bytes) } }
        return sent
    }

    /// Bytes of a batch are retained. Others are the plugin's and have to be copied, or packed
    /// instead, where that needs no more than their bytes.
    private func setBody(of sent: inout ClientRequest, _ request: weir_client_request) {
        let count = Int(unsafe request.part_count)
        if let pointer = unsafe request.batch {
            let batch = unsafe HostBatch.from(pointer)
            let isWhole =
                unsafe count == batch.parts.count && request.parts == pointer.pointee.parts
            if isWhole { return sent.parts = batch.parts }
        }
        if count == 1, client.options.compression == .snappy {
            let part = unsafe request.parts[0]
            if unsafe part.length > 0 {
                let bytes = unsafe UnsafeRawBufferPointer(start: part.data, count: part.length)
                sent.parts = [unsafe packedWithSnappy(bytes)]
                sent.precompressed = .snappy
                return
            }
        }
        sent.parts = (0..<count).map { index in
            let part = unsafe request.parts[index]
            return unsafe ByteBuffer(
                bytes: UnsafeBufferPointer(start: part.data, count: part.length))
        }
    }

    /// What fails once close() was called fails because of it.
    private func outcome(_ result: ClientResult) -> ClientResult {
        guard case .failure(let error) = result, isClosing.load(ordering: .acquiring) else {
            return result
        }
        return .failure(NetError(.cancelled, error.message, isSafeToRetry: error.isSafeToRetry))
    }

    func close() {
        isClosing.store(true, ordering: .releasing)
        do {
            try client.close().wait()
        } catch {
            instance.logger.warning("closing a client: \(error)")
        }
    }
}
