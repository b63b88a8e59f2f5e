import CWeir
import NIOCore
import WeirNet

extension PluginReply {
    func call(_ result: ClientResult) {
        switch result {
        case .success(let response): answered(response)
        case .failure(let error): failed(error)
        }
    }

    /// A piece of the body, before the reply.
    func hand(_ bytes: ByteBuffer) {
        unsafe bytes.withUnsafeReadableBytes { bytes in
            unsafe chunk?(
                context,
                weir_slice(
                    data: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
                    length: bytes.count))
        }
    }

    private func failed(_ error: NetError) {
        var reply = unsafe weir_reply()
        unsafe reply.size = unsafe UInt32(MemoryLayout<weir_reply>.size)
        unsafe reply.flags = error.isSafeToRetry ? UInt32(WEIR_REPLY_NOT_PROCESSED) : 0
        if error.kind == .tooLarge { unsafe reply.flags |= UInt32(WEIR_REPLY_TOO_LARGE) }
        switch error.kind {
        case .timeout: unsafe reply.status = Status.timeout
        case .cancelled: unsafe reply.status = Status.cancelled
        // OTLP: whoever answers more than a client takes has acted on the request.
        case .configuration, .bindFailed, .tooLarge: unsafe reply.status = Status.refused
        default: unsafe reply.status = Status.retry
        }
        var text = error.message
        text.withUTF8 { text in
            unsafe reply.message = weir_slice(text)
            unsafe replied(context, &reply)
        }
    }

    private func answered(_ response: ClientResponse) {
        var reply = unsafe weir_reply()
        unsafe reply.size = unsafe UInt32(MemoryLayout<weir_reply>.size)
        unsafe reply.status = Status.ok
        unsafe reply.code = UInt32(clamping: response.grpc?.code.rawValue ?? response.status)
        unsafe reply.retry_after_ns = Self.nanoseconds(response.retryDelay)
        unsafe reply.wire_bytes = UInt64(response.wireBytes)
        var message = response.grpc?.message ?? ""
        var type = response.headers.first("content-type") ?? ""
        message.withUTF8 { message in
            type.withUTF8 { type in
                unsafe response.body.withUnsafeReadableBytes { body in
                    unsafe reply.message = weir_slice(message)
                    unsafe reply.content_type = weir_slice(type)
                    unsafe reply.body = weir_slice(
                        data: body.baseAddress?.assumingMemoryBound(to: UInt8.self),
                        length: body.count)
                    unsafe Self.withHeaders(of: response) { headers in
                        unsafe reply.headers = headers.baseAddress
                        unsafe reply.header_count = headers.count
                        unsafe replied(context, &reply)
                    }
                }
            }
        }
    }

    /// Lends the header fields in the form of the ABI: all text in one piece.
    private static func withHeaders(
        of response: ClientResponse, _ body: (UnsafeBufferPointer<weir_header>) -> Void
    ) {
        var text: [UInt8] = []
        var lengths: [(name: Int, value: Int)] = []
        response.headers.forEach { name, value in
            text += name.lowercased().utf8
            text += value.utf8
            lengths.append((name.utf8.count, value.utf8.count))
        }
        unsafe text.withUnsafeBufferPointer { text in
            var offset = 0
            func next(_ count: Int) -> weir_slice {
                defer { offset += count }
                return unsafe weir_slice(
                    UnsafeBufferPointer(rebasing: text[offset..<offset + count]))
            }
            let headers = unsafe lengths.map { length in
                let name = unsafe next(length.name)
                return unsafe weir_header(name: name, value: next(length.value))
            }
            unsafe headers.withUnsafeBufferPointer { unsafe body($0) }
        }
    }

    /// 0 says that there is no delay: one that is there and empty still allows to come again.
    static func nanoseconds(_ delay: TimeAmount?) -> UInt64 {
        delay.map { UInt64(clamping: max(1, $0.nanoseconds)) } ?? 0
    }
}
