import NIOCore
import NIOHTTP1

/// One HTTP/1.1 connection to a server.
// Confined to its event loop: the timers that capture it run there.
final class HTTP1ClientConnection: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let pool: HTTP1ClientPool
    private let shared: ClientShared
    private var context: ChannelHandlerContext?
    private var call: ClientCall?
    private var head: HTTPResponseHead?
    private var body = ByteBuffer()
    private var idleTimer: Scheduled<Void>?
    private var error: NetError?
    private var hasAnswered = false

    init(pool: HTTP1ClientPool, shared: ClientShared) {
        self.pool = pool
        self.shared = shared
    }

    var isOpen: Bool { context?.channel.isActive ?? false }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func send(_ call: ClientCall) {
        idleTimer?.cancel()
        guard let context else {
            return call.finish(
                .failure(NetError(.closed, "the connection is closed", isSafeToRetry: true)))
        }
        self.call = call
        head = nil
        body = ByteBuffer()
        call.onAbandon = { [weak self] in
            self?.call = nil
            self?.close()
        }
        let options = shared.options
        var headers = HTTPHeaders()
        headers.reserveCapacity(6 + options.headers.count + call.request.headers.count)
        headers.add(name: "host", value: options.target.authority)
        headers.add(name: "user-agent", value: options.userAgent)
        headers.add(name: "content-type", value: call.request.contentType)
        let length = call.wireParts.reduce(0) { $0 + $1.readableBytes }
        headers.add(name: "content-length", value: String(length))
        if call.wireEncoding != .identity {
            headers.add(name: "content-encoding", value: call.wireEncoding.rawValue)
        }
        for (name, value) in options.headers + call.request.headers {
            headers.add(name: name, value: value)
        }
        let head = HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: call.request.method),
            uri: options.target.pathPrefix + call.request.path, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        for part in call.wireParts where part.readableBytes > 0 {
            context.write(wrapOutboundOut(.body(.byteBuffer(part))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            hasAnswered = true
        case .body(let bytes):
            guard body.readableBytes + bytes.readableBytes <= shared.options.maxResponseBytes else {
                error = .responseTooLarge(shared.options.maxResponseBytes, shared.targetText)
                return close()
            }
            body.writeImmutableBuffer(bytes)
        case .end: answered()
        }
    }

    private func answered() {
        guard let call, let head else { return close() }
        self.call = nil
        var response = ClientResponse(
            status: Int(head.status.code), headers: MessageHeaders(head.headers), body: body)
        body = ByteBuffer()
        if let name = head.headers.first(name: "content-encoding") {
            response.body = pool.loop.unpack(response.body, name)
        }
        pool.answered()
        if head.isKeepAlive { pool.release(self) } else { close() }
        call.finish(.success(response))
    }

    func becameIdle(closeAfter delay: TimeAmount) {
        idleTimer = pool.loop.eventLoop.scheduleTask(in: delay) { [weak self] in
            guard let self, self.call == nil else { return }
            self.close()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if self.error == nil {
            self.error =
                error is HTTPParserError
                ? NetError(
                    .protocolViolation, "\(shared.targetText) sent an invalid HTTP answer: \(error)"
                )
                : NetError(connectingTo: shared.targetText, error)
        }
        close()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        idleTimer?.cancel()
        let call = self.call
        self.call = nil
        if let error, !hasAnswered { pool.failed(error) }
        pool.ended(self)
        call?.finish(
            .failure(
                error
                    ?? NetError(
                        .closed, "\(shared.targetText) closed the connection before it answered")))
    }

    func close() {
        guard let context else { return }
        context.close(promise: nil)
    }
}
