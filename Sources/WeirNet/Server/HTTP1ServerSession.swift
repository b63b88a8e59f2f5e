import NIOCore
import NIOHTTP1

/// The requests of one HTTP/1.1 connection, pipelined ones included.
final class HTTP1ServerSession: ChannelDuplexHandler, ServerResponder, ServerConnection,
    // Confined to its event loop, but for `eventLoop` and `counters`, which never change.
    @unchecked Sendable
{
    typealias InboundIn = HTTPServerRequestPart
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
    }

    static func add(
        to channel: any Channel, server: ServerContext, peer: PeerIdentity
    ) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderListSize = server.options.maxHeaderBytes
        try channel.pipeline.syncOperations.addHandlers(
            ByteToMessageHandler(
                HTTPRequestDecoder(
                    leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .drop,
                    limitConfiguration: limits)),
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
        guard !isEnding else { return }
        switch unwrapInboundIn(data) {
        case .head(let head): began(head)
        case .body(let bytes): received(bytes)
        case .end: ended()
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
        guard error is HTTPParserError, !isEnding else {
            context.close(promise: nil)
            return
        }
        counters.add(\.refusedMalformed)
        let isOverflow = (error as? HTTPParserError) == .headerOverflow
        let refusal = Refusal(
            httpStatus: isOverflow ? 431 : 400,
            message: isOverflow
                ? "the request header is larger than \(server.options.maxHeaderBytes) bytes"
                : "this is not a valid HTTP/1.1 request: \(error)")
        let request = current ?? placeholder()
        current = nil
        request.isReceiving = false
        request.answer = ServerAnswer(refusal, to: request.head)
        endAfter = request.id
        writeReady()
        flush()
    }

    /// The answer to this request is the last one.
    var endAfter: UInt32?

    private func placeholder() -> HTTP1ServerRequest {
        let head = RequestHead(
            method: "", path: "", query: nil, headers: MessageHeaders(HTTPHeaders()), isGRPC: false,
            peer: peer.address, tlsPeerSubject: nil)
        return append(head, .identity, isHead: false, isHTTP10: false, keepsAlive: false)
    }

    private func append(
        _ head: RequestHead, _ encoding: ContentEncoding, isHead: Bool, isHTTP10: Bool,
        keepsAlive: Bool
    ) -> HTTP1ServerRequest {
        nextID &+= 1
        let request = HTTP1ServerRequest(
            id: nextID, head: head, encoding: encoding, isHead: isHead, isHTTP10: isHTTP10,
            keepsAlive: keepsAlive)
        requests.append(request)
        return request
    }

    private func began(_ raw: HTTPRequestHead) {
        let (path, query) = HTTP2RequestHead.split(HTTP1Text.originForm(raw.uri))
        let head = RequestHead(
            method: raw.method.rawValue, path: path, query: query,
            headers: MessageHeaders(raw.headers), isGRPC: false, peer: peer.address,
            tlsPeerSubject: peer.tlsSubject)
        let encodingName = raw.headers.first(name: "content-encoding")
        let encoding = ContentEncoding(header: encodingName)
        let request = append(
            head, encoding ?? .identity, isHead: raw.method == .HEAD,
            isHTTP10: raw.version.major == 1 && raw.version.minor == 0,
            // After these the parser takes what follows for another protocol, and drops it.
            keepsAlive: raw.isKeepAlive && raw.method != .CONNECT
                && !raw.headers.contains(name: "upgrade"))
        current = request
        // Refused instead of asked for: the client may keep its body, and what comes next is then
        // another request. Nobody can tell, so nothing follows.
        let isAsking = raw.headers.first(name: "expect")?.lowercased() == "100-continue"
        let isChunked = raw.headers.contains(name: "transfer-encoding")
        let length = isChunked ? nil : Int(raw.headers.first(name: "content-length") ?? "0")
        let limit = server.options.maxRequestBodyBytes
        if !server.options.allowsHTTP {
            return refuse(
                request, server.mismatch(.http1OnGRPCPort, peer: peer.address),
                endsConnection: isAsking)
        }
        if raw.headers.first(name: "content-type").map(HTTP2RequestHead.isGRPC) == true {
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
        if let length, length > 0 {
            request.body.reserveCapacity(min(length, GRPCMessageReader.firstReservation))
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
        if !request.isDiscarding { request.body.writeImmutableBuffer(bytes) }
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
