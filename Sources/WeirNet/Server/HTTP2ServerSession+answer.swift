import NIOCore
import NIOHPACK

/// The header lists that nearly every answer has.
private enum CachedFields {
    static let grpcHeaders = HTTP2HeaderList([
        ":status": "200", "content-type": "application/grpc",
    ])
    static let grpcTrailersOK = HTTP2HeaderList(["grpc-status": "0"])
    static let emptyMessage = ByteBuffer(bytes: [0, 0, 0, 0, 0])
}

extension HTTP2ServerSession {
    func answer(_ answer: ServerAnswer, to request: UInt32) {
        // The client may have gone, or taken its request back.
        guard let stream = streams[request], let transport else { return }
        let isCutShort = stream.isReceiving
        switch answer {
        case .http(let status, let fields, let body):
            var headers = HPACKHeaders()
            headers.reserveCapacity(fields.count + 2)
            headers.add(name: ":status", value: String(status))
            for (name, value) in fields { headers.add(name: name.lowercased(), value: value) }
            let length = body?.readableBytes ?? 0
            if status != 204 { headers.add(name: "content-length", value: String(length)) }
            transport.write(
                headers: HTTP2HeaderList(headers), stream: request, endStream: length == 0)
            if let body, length > 0 {
                transport.write(data: body, stream: request, endStream: true)
            }
        case .grpc(let status, let body):
            guard status.code == .ok else {
                transport.write(
                    headers: Self.trailersOnly(status), stream: request, endStream: true)
                break
            }
            var data = CachedFields.emptyMessage
            if let body, body.readableBytes > 0 {
                data = ByteBufferAllocator().buffer(capacity: 5 + body.readableBytes)
                data.writeInteger(UInt8(0))
                data.writeInteger(UInt32(body.readableBytes))
                data.writeImmutableBuffer(body)
            }
            transport.write(headers: CachedFields.grpcHeaders, stream: request, endStream: false)
            transport.write(data: data, stream: request, endStream: false)
            transport.write(headers: CachedFields.grpcTrailersOK, stream: request, endStream: true)
        }
        // Tells a client that is still sending that the rest is of no use.
        if isCutShort { transport.write(reset: .noError, stream: request) }
        forget(request)
        transport.flush()
    }

    static func trailersOnly(_ status: GRPCStatus) -> HTTP2HeaderList {
        var headers: HPACKHeaders = [
            ":status": "200", "content-type": "application/grpc",
            "grpc-status": String(status.code.rawValue),
        ]
        if !status.message.isEmpty {
            headers.add(
                name: "grpc-message", value: GRPCMessage.encode(status.message),
                indexing: .nonIndexable)
        }
        if status.retryDelay != nil {
            headers.add(
                name: "grpc-status-details-bin",
                value: Base64.encode(GRPCStatusDetails.encode(status)), indexing: .nonIndexable)
        }
        return HTTP2HeaderList(headers)
    }

    func refuse(_ stream: ServerStream, _ refusal: Refusal, counted: Bool = false) {
        if !counted, refusal.httpStatus == 413 { counters.add(\.refusedTooLarge) }
        server.report(refusal, peer: peer)
        if case .streaming(let exchange) = stream.phase {
            // Its handler must not answer a second time.
            if exchange.refuse(refusal) { server.handler.streamAborted(exchange) }
            return
        }
        answer(ServerAnswer(refusal, to: stream.head), to: stream.id)
    }
}
