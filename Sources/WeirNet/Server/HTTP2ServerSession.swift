import NIOCore

/// The requests of one HTTP/2 connection.
final class HTTP2ServerSession: HTTP2Session, ServerResponder, ServerConnection,
    // Confined to its event loop, but for `eventLoop` and `counters`, which never change.
    @unchecked Sendable
{
    let server: ServerContext
    let eventLoop: any EventLoop
    var counters: ServerCounters { server.counters }
    let peer: PeerIdentity

    // Owned by the channel's pipeline, which outlives every use: `closed` sets it to nil.
    var transport: (any HTTP2Transport)?
    var streams: [UInt32: ServerStream] = [:]
    var receiving = 0
    var lastStream: UInt32 = 0
    var drain = Drain.none
    var timers = HTTP2ServerTimers()

    enum Drain {
        case none
        /// A GOAWAY without a limit is out; its ping tells when the peer has seen it.
        case announced
        /// Streams after this one are refused.
        case limited(UInt32)
    }

    init(server: ServerContext, eventLoop: any EventLoop, peer: PeerIdentity) {
        self.server = server
        self.eventLoop = eventLoop
        self.peer = peer
    }

    func started(_ transport: any HTTP2Transport) {
        self.transport = transport
        server.add(self)
        startTimers()
    }

    func closed(_ error: NetError?) {
        guard transport != nil else { return }
        if error != nil { counters.add(\.protocolErrors) }
        transport = nil
        stopTimers()
        server.remove(self)
        let left = streams
        streams.removeAll()
        for stream in left.values {
            if case .streaming(let exchange) = stream.phase {
                server.handler.streamAborted(exchange)
            }
        }
    }

    func received(headers block: HTTP2HeaderBlock, stream id: UInt32, endStream: Bool) {
        timers.sawRead = true
        if let stream = streams[id] {
            // Trailers of a request mean nothing here but its end.
            if endStream { bodyEnded(stream) } else { abandon(stream, .protocolError) }
            return
        }
        if case .limited(let last) = drain, id > last {
            transport?.write(reset: .refusedStream, stream: id)
            return
        }
        lastStream = max(lastStream, id)
        let fields = block.request
        let isGRPC = fields.isGRPC
        let head = RequestHead(
            method: fields.method, path: fields.path, query: fields.query,
            headers: block.messageHeaders, contentType: fields.contentType, isGRPC: isGRPC,
            peerDescription: peer.name, tlsPeerSubject: peer.tlsSubject)
        let encodingName = isGRPC ? fields.grpcEncoding : fields.contentEncoding
        let encoding =
            isGRPC
            ? ContentEncoding(grpcHeader: encodingName) : ContentEncoding(header: encodingName)
        let stream = ServerStream(
            id: id, head: head, encoding: encoding ?? .identity,
            phase: isGRPC && !endStream ? .awaitingPrefix : .receivingBody)
        streams[id] = stream
        receiving += 1

        if let refusal = precheck(head, fields, encoding) {
            return refuse(stream, refusal)
        }
        if isGRPC {
            if endStream { return bodyEnded(stream) }
            if server.handler.isClientStreaming(head) { beginStreaming(stream) }
            return
        }
        guard admit(stream, declaredBytes: endStream ? 0 : fields.contentLength) else { return }
        if let length = fields.contentLength, !endStream {
            stream.body.reserveCapacity(min(length, GRPCMessageReader.firstReservation))
        }
        if endStream { bodyEnded(stream) }
    }

    private func precheck(
        _ head: RequestHead, _ fields: HTTP2RequestHead, _ encoding: ContentEncoding?
    ) -> Refusal? {
        let options = server.options
        if head.isGRPC, !options.allowsGRPC {
            return server.mismatch(.grpcOnHTTPPort, peer: peer.address)
        }
        if !head.isGRPC, !options.allowsHTTP {
            return server.mismatch(.httpOnGRPCPort, peer: peer.address)
        }
        if let length = fields.contentLength, length > options.maxRequestBodyBytes {
            return .tooLarge(length, limit: options.maxRequestBodyBytes)
        }
        if encoding == nil {
            return .unknownEncoding(
                (head.isGRPC ? fields.grpcEncoding : fields.contentEncoding) ?? "",
                isGRPC: head.isGRPC)
        }
        return nil
    }

    func received(data: inout ByteBuffer, stream id: UInt32, endStream: Bool) {
        timers.sawRead = true
        // A stream that has its answer already, or was reset: the rest of its body is of no use.
        guard let stream = streams[id] else { return }
        stream.wireBytes += data.readableBytes
        stream.periodBytes += data.readableBytes
        if stream.head.isGRPC {
            guard readMessages(stream, &data) else { return }
        } else if case .receivingBody = stream.phase {
            guard stream.wireBytes <= server.options.maxRequestBodyBytes else {
                return refuse(
                    stream,
                    .tooLarge(stream.wireBytes, limit: server.options.maxRequestBodyBytes))
            }
            stream.body.writeImmutableBuffer(data)
        }
        if endStream { bodyEnded(stream) }
    }

    func received(reset code: HTTP2Code, stream id: UInt32) {
        timers.sawRead = true
        guard let stream = forget(id) else { return }
        if case .streaming(let exchange) = stream.phase { server.handler.streamAborted(exchange) }
    }

    func received(goAway lastStream: UInt32, code: HTTP2Code, text: String) {
        // The client will open no more streams; it closes when it has its answers.
        timers.sawRead = true
    }

    func received(maxConcurrentStreams: Int) {}

    func readComplete() {
        if receiving > 0 { armBodyTimer() }
    }

    /// Takes a stream out of the table.
    @discardableResult
    func forget(_ id: UInt32) -> ServerStream? {
        guard let stream = streams.removeValue(forKey: id) else { return nil }
        if stream.isReceiving { receiving -= 1 }
        if streams.isEmpty { becameIdle() }
        return stream
    }

    func abandon(_ stream: ServerStream, _ code: HTTP2Code) {
        counters.add(\.protocolErrors)
        transport?.write(reset: code, stream: stream.id)
        forget(stream.id)
        if case .streaming(let exchange) = stream.phase { server.handler.streamAborted(exchange) }
    }
}
