import NIOCore

extension HTTP2ServerSession {
    /// Asks the handler; `false` when the request was refused and answered.
    func admit(_ stream: ServerStream, declaredBytes: Int?) -> Bool {
        switch server.handler.admit(stream.head, declaredBytes: declaredBytes) {
        case .accept(let reservation):
            stream.reservation = reservation
            return true
        case .refuse(let refusal):
            counters.add(\.refusedByAdmission)
            refuse(stream, refusal)
            return false
        }
    }

    /// Returns `false` when the stream has been answered or reset.
    func readMessages(_ stream: ServerStream, _ data: inout ByteBuffer) -> Bool {
        while true {
            switch stream.reader.next(&data) {
            case .needsMore: return true
            case .prefix(let isCompressed, let length):
                guard began(stream, isCompressed: isCompressed, length: length) else {
                    return false
                }
            case .message(let isCompressed, let bytes):
                if case .streaming(let exchange) = stream.phase {
                    guard let message = unpack(stream, bytes, isCompressed) else { return false }
                    counters.addRequest(bytes: bytes.readableBytes)
                    server.handler.receiveMessage(message, of: exchange)
                    // The handler may have answered, which ends the stream.
                    guard streams[stream.id] != nil else { return false }
                } else {
                    stream.body = bytes
                    stream.isCompressed = isCompressed
                }
            case .malformed(let flag):
                counters.add(\.refusedMalformed)
                refuse(
                    stream,
                    Refusal(
                        httpStatus: 400, code: .internal,
                        message: "the gRPC message begins with the flag \(flag): expected 0 or 1"))
                return false
            }
        }
    }

    private func began(_ stream: ServerStream, isCompressed: Bool, length: Int) -> Bool {
        let limit = server.options.maxRequestBodyBytes
        guard length <= limit else {
            refuse(stream, .tooLarge(length, limit: limit))
            return false
        }
        if isCompressed, stream.encoding == .identity {
            counters.add(\.refusedMalformed)
            refuse(
                stream,
                Refusal(
                    httpStatus: 400, code: .internal,
                    message: "the message is marked as compressed but grpc-encoding names nothing"))
            return false
        }
        switch stream.phase {
        case .awaitingPrefix:
            stream.phase = .receivingBody
            return admit(stream, declaredBytes: length)
        case .receivingBody:
            counters.add(\.refusedMalformed)
            refuse(
                stream,
                Refusal(
                    httpStatus: 400, code: .unimplemented,
                    message: "\(stream.head.path) takes one message: a second one came"))
            return false
        case .streaming, .complete: return true
        }
    }

    func beginStreaming(_ stream: ServerStream) {
        guard admit(stream, declaredBytes: nil) else { return }
        stream.phase = .streaming(
            ServerExchange(
                head: stream.head, body: ByteBuffer(), wireBytes: 0,
                reservation: stream.reservation, responder: self, request: stream.id))
    }

    /// The client has sent everything.
    func bodyEnded(_ stream: ServerStream) {
        guard stream.isReceiving else { return }
        let phase = stream.phase
        if stream.head.isGRPC {
            guard stream.reader.isBetweenMessages else {
                counters.add(\.refusedMalformed)
                return refuse(
                    stream,
                    Refusal(
                        httpStatus: 400, code: .internal,
                        message: "the stream ended within a message: its length prefix says more"))
            }
            if case .awaitingPrefix = phase { return refuseMissingMessage(stream) }
            if case .receivingBody = phase, stream.wireBytes == 0 {
                return refuseMissingMessage(stream)
            }
        }
        if case .streaming(let exchange) = phase {
            complete(stream)
            server.handler.receive(exchange)
            return
        }
        let compressed = stream.head.isGRPC ? stream.isCompressed : true
        guard let body = unpack(stream, stream.body, compressed) else { return }
        complete(stream)
        counters.addRequest(bytes: stream.wireBytes)
        stream.body = ByteBuffer()
        let exchange = ServerExchange(
            head: stream.head, body: body, wireBytes: stream.wireBytes,
            reservation: stream.reservation, responder: self, request: stream.id)
        stream.reservation = nil
        server.handler.receive(exchange)
    }

    private func complete(_ stream: ServerStream) {
        stream.phase = .complete
        receiving -= 1
    }

    private func refuseMissingMessage(_ stream: ServerStream) {
        counters.add(\.refusedMalformed)
        refuse(
            stream,
            Refusal(
                httpStatus: 400, code: .internal,
                message: "\(stream.head.path) takes one message: the stream ended without one"))
    }

    /// `nil` when the body could not be unpacked and the stream has been answered.
    private func unpack(
        _ stream: ServerStream, _ bytes: ByteBuffer, _ isCompressed: Bool
    ) -> ByteBuffer? {
        guard isCompressed, stream.encoding != .identity else { return bytes }
        do {
            return try server.decompressor.decompress(
                bytes, encoding: stream.encoding, limit: server.options.maxDecompressedBytes)
        } catch {
            counters.add(error.isOverLimit ? \.refusedTooLarge : \.refusedMalformed)
            refuse(stream, Refusal(error), counted: true)
            return nil
        }
    }
}
