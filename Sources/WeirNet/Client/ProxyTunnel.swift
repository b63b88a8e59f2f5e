import NIOCore

/// Asks a proxy for a tunnel with CONNECT (RFC 9110, 9.3.6), and is gone once it has it.
// Confined to its event loop.
final class ProxyTunnel: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// A proxy that says more than this before it opens the tunnel is none.
    private static let maxAnswer = 16 << 10

    private let authority: String
    private let proxy: ClientProxy
    private let promise: EventLoopPromise<Void>
    private var answer = ByteBuffer()
    private var isDone = false
    private let limit: TimeAmount
    private var timer: Scheduled<Void>?

    /// - Parameter limit: how long the proxy may take to answer.
    /// - Parameter promise: succeeds when the tunnel is open; the handlers that are to talk through it
    ///   are added then.
    init(
        to authority: String, through proxy: ClientProxy, limit: TimeAmount,
        _ promise: EventLoopPromise<Void>
    ) {
        self.limit = limit
        self.authority = authority
        self.proxy = proxy
        self.promise = promise
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { ask(context) }
    }

    func channelActive(context: ChannelHandlerContext) { ask(context) }

    private func ask(_ context: ChannelHandlerContext) {
        var text = "CONNECT \(authority) HTTP/1.1\r\nhost: \(authority)\r\n"
        if let authorization = proxy.authorization {
            text += "proxy-authorization: \(authorization)\r\n"
        }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text + "\r\n")), promise: nil)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: limit) {
            let (tunnel, context) = bound.value
            tunnel.fail("nothing for \(tunnel.limit.nanoseconds / 1_000_000) ms", context)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return context.fireChannelRead(data) }
        answer.writeImmutableBuffer(unwrapInboundIn(data))
        let text = String(buffer: answer)
        guard let end = text.range(of: "\r\n\r\n") else {
            if answer.readableBytes > Self.maxAnswer { fail("more than a header", context) }
            return
        }
        let words = text.prefix { $0 != "\r\n" }.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), words[1].hasPrefix("2"),
            words[1].utf8.count == 3
        else {
            return fail("\"\(text.prefix { $0 != "\r\n" }.prefix(80))\"", context)
        }
        isDone = true
        timer?.cancel()
        let used = text[..<end].utf8.count + 4
        promise.succeed()
        if answer.readableBytes > used {
            answer.moveReaderIndex(forwardBy: used)
            context.fireChannelRead(wrapInboundOut(answer))
        }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    private func fail(_ found: String, _ context: ChannelHandlerContext) {
        guard !isDone else { return }
        isDone = true
        timer?.cancel()
        promise.fail(
            NetError(
                .connectFailed,
                "the proxy \(proxy.endpoint) gave no way to \(authority): it answered \(found)",
                isSafeToRetry: true))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail("nothing", context)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isDone else { return context.fireErrorCaught(error) }
        fail("\(error)", context)
    }
}

extension String {
    /// Where a text occurs first, as the index of its beginning.
    fileprivate func range(of wanted: String) -> String.Index? {
        let (text, wanted) = (Array(utf8), Array(wanted.utf8))
        guard text.count >= wanted.count else { return nil }
        for start in 0...(text.count - wanted.count)
        where text[start..<start + wanted.count].elementsEqual(wanted) {
            return utf8.index(startIndex, offsetBy: start)
        }
        return nil
    }
}
