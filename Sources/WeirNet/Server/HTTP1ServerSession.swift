import NIOCore

/// The requests of one HTTP/1.1 connection, pipelined ones included.
final class HTTP1ServerSession: ChannelDuplexHandler, ServerResponder, ServerConnection,
    // Confined to its event loop, but for `eventLoop` and `counters`, which never change.
    @unchecked Sendable
{
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let server: ServerContext
    let eventLoop: any EventLoop
    var counters: ServerCounters { server.counters }
    let peer: PeerIdentity
    var context: ChannelHandlerContext?

    /// Requests in the order of their arrival, those not yet answered.
    var requests: [HTTP1ServerRequest] = []
    /// The one whose body is coming in.
    var current: HTTP1ServerRequest?
    private var reader: HTTP1RequestReader
    private var nextID: UInt32 = 0
    var isReading = false
    var needsFlush = false
    private var holdsRead = false
    var isDraining = false
    /// No answer follows the last one written.
    var isEnding = false
    var timer = HTTP1ServerTimer()

    init(server: ServerContext, eventLoop: any EventLoop, peer: PeerIdentity) {
        self.server = server
        self.eventLoop = eventLoop
        self.peer = peer
        reader = HTTP1RequestReader(maxHeaderBytes: server.options.maxHeaderBytes)
    }

    static func add(
        to channel: any Channel, server: ServerContext, peer: PeerIdentity
    ) throws {
        try channel.pipeline.syncOperations.addHandler(
            HTTP1ServerSession(server: server, eventLoop: channel.eventLoop, peer: peer))
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        server.add(self)
        timer.quietSince = eventLoop.now
        armTimer()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    private func end() {
        guard context != nil else { return }
        context = nil
        timer.task?.cancel()
        server.remove(self)
        requests.removeAll()
        current = nil
    }

    /// Too many requests wait for their answers, or too many answers for the client to read them:
    /// the socket has to wait as well.
    func read(context: ChannelHandlerContext) {
        holdsRead = !mayRead(context)
        if !holdsRead { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        resumeReading()
        context.fireChannelWritabilityChanged()
    }

    private func mayRead(_ context: ChannelHandlerContext) -> Bool {
        requests.count < server.options.maxPipelinedRequests && context.channel.isWritable
    }

    func resumeReading() {
        guard holdsRead, let context, mayRead(context) else { return }
        holdsRead = false
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        // After the last answer, and after the request that it is for, nothing is looked at.
        guard !isEnding, endAfter == nil else { return }
        reader.append(unwrapInboundIn(data))
        do throws(HTTP1Violation) {
            while !isEnding, endAfter == nil, let part = try reader.next() {
                switch part {
                case .head(let head): began(head)
                case .body(let bytes): received(bytes)
                case .end: ended()
                }
            }
        } catch {
            violated(error)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        if needsFlush {
            needsFlush = false
            context.flush()
        }
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func violated(_ violation: HTTP1Violation) {
        counters.add(\.refusedMalformed)
        let refusal = Refusal(
            httpStatus: violation.isTooLong ? 431 : 400,
            message: violation.isTooLong
                ? "the request header is larger than \(server.options.maxHeaderBytes) bytes"
                : "this is not a valid HTTP/1.1 request: \(violation.message)")
        let request = current ?? placeholder()
        current = nil
        request.isReceiving = false
        if request.answer == nil { request.answer = ServerAnswer(refusal, to: request.head) }
        endAfter = request.id
        writeReady()
        flush()
    }

    /// The answer to this request is the last one.
    var endAfter: UInt32?

    private func placeholder() -> HTTP1ServerRequest {
        let head = RequestHead(
            method: "", path: "", query: nil, headers: MessageHeaders(HTTP1Fields(ByteBuffer())),
            isGRPC: false, peerDescription: peer.name, tlsPeerSubject: nil)
        let request = HTTP1ServerRequest(
            id: takeID(), head: head, encoding: .identity, declaredBytes: nil, isHead: false,
            isHTTP10: false, keepsAlive: false)
        requests.append(request)
        return request
    }

    private func takeID() -> UInt32 {
        nextID &+= 1
        return nextID
    }

    private func began(_ raw: HTTP1RequestHead) {
        let meaning = raw.meaning
        let head = RequestHead(
            method: meaning.method, path: meaning.path, query: meaning.query,
            headers: MessageHeaders(raw.fields), contentType: meaning.contentType ?? "",
            isGRPC: false, peerDescription: peer.name, tlsPeerSubject: peer.tlsSubject)
        let encodingName = meaning.contentEncoding
        let encoding = ContentEncoding(header: encodingName)
        let length: Int? = if case .length(let length) = raw.framing { length } else { nil }
        let request = HTTP1ServerRequest(
            id: takeID(), head: head, encoding: encoding ?? .identity, declaredBytes: length,
            isHead: meaning.method == "HEAD", isHTTP10: meaning.minorVersion == 0,
            keepsAlive: meaning.keepsAlive)
        requests.append(request)
        current = request
        // Refused instead of asked for: the client may keep its body, and what comes next is then
        // another request. Nobody can tell, so nothing follows.
        let isAsking = meaning.expectsContinue
        let limit = server.options.maxRequestBodyBytes
        if !server.options.allowsHTTP {
            return refuse(
                request, server.mismatch(.http1OnGRPCPort, peer: peer.address),
                endsConnection: isAsking)
        }
        if HTTP2RequestHead.isGRPC(head.contentType) {
            return refuse(
                request,
                Refusal(
                    httpStatus: 505,
                    message:
                        "gRPC needs HTTP/2: this request came over HTTP/1.1, perhaps through a proxy"
                ), endsConnection: isAsking)
        }
        if let length, length > limit {
            counters.add(\.refusedTooLarge)
            return refuse(request, .tooLarge(length, limit: limit), endsConnection: true)
        }
        if encoding == nil {
            return refuse(
                request, .unknownEncoding(encodingName ?? "", isGRPC: false),
                endsConnection: isAsking)
        }
        switch server.handler.admit(head, declaredBytes: length) {
        case .accept(let reservation): request.reservation = reservation
        case .refuse(let refusal):
            counters.add(\.refusedByAdmission)
            return refuse(request, refusal, endsConnection: isAsking)
        }
        if isAsking, requests.first === request {
            write(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"))
            flush()
        }
    }

    private func received(_ bytes: ByteBuffer) {
        guard let request = current else { return }
        request.wireBytes += bytes.readableBytes
        timer.periodBytes += bytes.readableBytes
        guard request.wireBytes <= server.options.maxRequestBodyBytes else {
            if !request.isDiscarding { counters.add(\.refusedTooLarge) }
            return refuse(
                request,
                .tooLarge(request.wireBytes, limit: server.options.maxRequestBodyBytes),
                endsConnection: true)
        }
        if !request.isDiscarding { request.append(bytes) }
    }

    private func ended() {
        guard let request = current else { return }
        current = nil
        request.isReceiving = false
        guard !request.isDiscarding else { return writeReady() }
        let body: ByteBuffer
        do {
            body = try server.decompressor.decompress(
                request.body, encoding: request.encoding,
                limit: server.options.maxDecompressedBytes)
        } catch {
            counters.add(error.isOverLimit ? \.refusedTooLarge : \.refusedMalformed)
            return refuse(request, Refusal(error))
        }
        counters.addRequest(bytes: request.wireBytes)
        request.body = ByteBuffer()
        let exchange = ServerExchange(
            head: request.head, body: body, wireBytes: request.wireBytes,
            reservation: request.reservation, responder: self, request: request.id)
        request.reservation = nil
        server.handler.receive(exchange)
    }
}
