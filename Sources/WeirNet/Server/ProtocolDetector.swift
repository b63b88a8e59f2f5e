import NIOCore

/// What the first bytes of a connection are.
enum FirstBytes: Equatable {
    case needsMore
    case tls
    case http1
    case http2
    case garbage

    private static let preface: [UInt8] = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    static func recognise(_ bytes: ByteBuffer) -> FirstBytes {
        guard let first: UInt8 = bytes.getInteger(at: bytes.readerIndex) else { return .needsMore }
        if first == 0x16 {
            // A TLS record: handshake, version 3.x.
            guard let major: UInt8 = bytes.getInteger(at: bytes.readerIndex + 1) else {
                return .needsMore
            }
            return major == 3 ? .tls : .garbage
        }
        let view = bytes.readableBytesView
        if view.starts(with: preface) { return .http2 }
        if preface.starts(with: view) { return .needsMore }
        // A method of HTTP/1: a few capital letters and a space.
        for (index, byte) in view.prefix(24).enumerated() {
            if byte == UInt8(ascii: " "), index > 0 { return .http1 }
            guard byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") || byte == 0x2D else {
                // Empty lines before a request are allowed.
                if index == 0, byte == 0x0D || byte == 0x0A { return .http1 }
                return .garbage
            }
        }
        return view.count >= 24 ? .garbage : .needsMore
    }
}

/// Sits in front of a new connection until it knows what the peer speaks.
final class ProtocolDetector: ChannelInboundHandler, RemovableChannelHandler, ServerConnection {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let decide: (FirstBytes, any Channel) throws -> Void
    private let timeout: TimeAmount
    private let onTimeout: () -> Void
    private let onError: (any Error) -> Void
    private var held = ByteBuffer()
    private var timer: Scheduled<Void>?
    private var context: ChannelHandlerContext?
    private let server: ServerContext
    private var isDone = false

    /// `decide` changes the pipeline; what has been read is then passed on.
    init(
        server: ServerContext, timeout: TimeAmount, onTimeout: @escaping () -> Void,
        onError: @escaping (any Error) -> Void,
        decide: @escaping (FirstBytes, any Channel) throws -> Void
    ) {
        self.server = server
        self.timeout = timeout
        self.onTimeout = onTimeout
        self.onError = onError
        self.decide = decide
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        server.add(self)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: timeout) {
            let (handler, context) = bound.value
            guard !handler.isDone else { return }
            handler.onTimeout()
            context.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        server.remove(self)
        self.context = nil
    }

    /// A peer that has said nothing yet, and has had time for it, loses nothing.
    func startDrain(within limit: TimeAmount, lingering: TimeAmount) {
        guard !isDone, let context else { return }
        let linger = min(limit, lingering)
        if linger <= .zero { return context.close(promise: nil) }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: linger) {
            let (handler, context) = bound.value
            if !handler.isDone { context.close(promise: nil) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isDone else { return context.fireErrorCaught(error) }
        isDone = true
        onError(error)
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return context.fireChannelRead(data) }
        var bytes = unwrapInboundIn(data)
        held.writeBuffer(&bytes)
        let found = FirstBytes.recognise(held)
        guard found != .needsMore else { return }
        isDone = true
        do {
            try decide(found, context.channel)
        } catch {
            context.close(promise: nil)
            return
        }
        context.fireChannelRead(wrapInboundOut(held))
        held = ByteBuffer()
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}
