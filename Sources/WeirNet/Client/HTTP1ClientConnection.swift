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
    private var answer: HTTP1Answer?
    private var idleTimer: Scheduled<Void>?
    private var error: NetError?
    /// Whether it has brought an answer, ever.
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
        answer = nil
        call.onAbandon = { [weak self] in
            self?.call = nil
            self?.close()
        }
        let head = HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: call.request.method),
            uri: requestTarget(call), headers: headers(for: call))
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        for part in call.wireParts where part.readableBytes > 0 {
            context.write(wrapOutboundOut(.body(.byteBuffer(part))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// A proxy for plaintext wants to know the server, too (RFC 9112, 3.2.2).
    private func requestTarget(_ call: ClientCall) -> String {
        let options = shared.options
        let uri = call.uri.isEmpty ? "/" : call.uri
        guard options.proxy != nil, !options.usesTLS else { return uri }
        return "http://\(options.target.authority)\(uri)"
    }

    private func headers(for call: ClientCall) -> HTTPHeaders {
        let options = shared.options
        var headers = HTTPHeaders()
        headers.reserveCapacity(8 + options.headers.count + call.request.headers.count)
        headers.add(name: "host", value: options.target.authority)
        headers.add(name: "user-agent", value: options.userAgent)
        let length = call.wireParts.reduce(0) { $0 + $1.readableBytes }
        if length > 0 || !call.request.isSafe {
            headers.add(name: "content-type", value: call.request.contentType)
            headers.add(name: "content-length", value: String(length))
        }
        if call.wireEncoding != .identity {
            headers.add(name: "content-encoding", value: call.wireEncoding.rawValue)
        }
        if call.request.acceptsCompressed {
            headers.add(name: "accept-encoding", value: ContentEncoding.accepted)
        }
        if let authorization = call.authorization {
            headers.add(name: "authorization", value: authorization)
        }
        if !options.usesTLS, let authorization = options.proxy?.authorization {
            headers.add(name: "proxy-authorization", value: authorization)
        }
        for (name, value) in (call.isAtHome ? options.headers : []) + call.request.headers {
            headers.add(name: name, value: value)
        }
        return headers
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // What comes after the request was withdrawn is not read.
        guard let call else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            hasAnswered = true
            answer = HTTP1Answer(head, call, limit: pool.loop.limit(of: call))
            if let limit = answer?.announcedOver { fail(.responseTooLarge(limit, target)) }
        case .body(let bytes):
            if let limit = answer?.over(by: bytes) {
                return fail(.responseTooLarge(limit, target))
            }
            let onward = answer?.take(bytes)
            onward?(bytes)
        case .end: answered(call)
        }
    }

    private var target: String { shared.targetText }

    private func fail(_ error: NetError) {
        self.error = error
        close()
    }

    private func answered(_ call: ClientCall) {
        guard let answer else { return close() }
        self.call = nil
        self.answer = nil
        var response = answer.response
        pool.answered()
        if answer.head.isKeepAlive { pool.release(self) } else { close() }
        if pool.loop.follow(call, response) { return }
        if let name = answer.encoding, call.request.method != "HEAD" {
            do throws(NetError) {
                response.body = try pool.loop.unpack(response.body, name, for: call)
            } catch {
                return call.finish(.failure(error))
            }
            if let onChunk = answer.onChunk {
                if response.body.readableBytes > 0 { onChunk(response.body) }
                response.body = ByteBuffer()
            }
        }
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
                    .protocolViolation, "\(target) sent an invalid HTTP answer: \(error)"
                )
                : NetError(connectingTo: target, error)
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
        let isUnheard = answer == nil && hasAnswered && error?.kind != .tooLarge
        if let call, isUnheard, call.request.isSafe, !call.wasRetried {
            return pool.retry(call)
        }
        call?.finish(
            .failure(
                error
                    ?? NetError(
                        .closed, "\(target) closed the connection before it answered")))
    }

    func close() {
        guard let context else { return }
        context.close(promise: nil)
    }
}
