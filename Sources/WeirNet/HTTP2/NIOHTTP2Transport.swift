import NIOCore
import NIOHPACK
import NIOHTTP2

/// The frames of swift-nio-http2, without its stream channels.
final class NIOHTTP2Transport: ChannelInboundHandler, HTTP2Transport {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    private let session: any HTTP2Session
    private let limits: HTTP2Limits
    private var context: ChannelHandlerContext!
    private var isReading = false
    private var needsFlush = false
    private var isClosed = false

    init(session: any HTTP2Session, limits: HTTP2Limits) {
        self.session = session
        self.limits = limits
    }

    static func add(
        to channel: any Channel, session: any HTTP2Session, limits: HTTP2Limits, isServer: Bool
    ) throws {
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.contentLengthValidation = .enabled
        connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: limits.maxConcurrentStreams),
            HTTP2Setting(parameter: .maxHeaderListSize, value: limits.maxHeaderListBytes),
            HTTP2Setting(parameter: .initialWindowSize, value: limits.streamWindow),
            HTTP2Setting(parameter: .maxFrameSize, value: limits.maxFrameSize),
        ]
        connection.controlFrameRateLimit.maximumCount = 10_000
        var streams = NIOHTTP2Handler.StreamConfiguration()
        streams.streamResetFrameRateLimit.maximumCount = 1000
        try channel.pipeline.syncOperations.addHandlers(
            NIOHTTP2Handler(
                mode: isServer ? .server : .client, connectionConfiguration: connection,
                streamConfiguration: streams),
            NIOHTTP2Transport(session: session, limits: limits))
    }

    var eventLoop: any EventLoop { context.eventLoop }
    var channel: any Channel { context.channel }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { start() }
    }

    func channelActive(context: ChannelHandlerContext) {
        start()
        context.fireChannelActive()
    }

    private var hasStarted = false
    private func start() {
        guard !hasStarted else { return }
        hasStarted = true
        put(0, .windowUpdate(windowSizeIncrement: limits.connectionWindow - 65535))
        session.started(self)
        flush()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        let frame = unwrapInboundIn(data)
        let id = UInt32(Int(frame.streamID))
        switch frame.payload {
        case .headers(let headers):
            session.received(headers: headers.headers, stream: id, endStream: headers.endStream)
        case .data(let payload):
            guard case .byteBuffer(var bytes) = payload.data else { return }
            session.received(data: &bytes, stream: id, endStream: payload.endStream)
        case .rstStream(let code):
            session.received(
                reset: HTTP2Code(rawValue: UInt32(code.networkCode)), stream: id)
        case .goAway(let last, let code, let text):
            session.received(
                goAway: UInt32(Int(last)), code: HTTP2Code(rawValue: UInt32(code.networkCode)),
                text: text.map { String(buffer: $0) } ?? "")
        case .settings(.settings(let settings)):
            if let most = settings.last(where: { $0.parameter == .maxConcurrentStreams }) {
                session.received(maxConcurrentStreams: most.value)
            }
        case .ping(_, ack: true): session.receivedPingAnswer()
        default: break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let window = event as? NIOHTTP2WindowUpdatedEvent, let size = window.inboundWindowSize {
            let id = UInt32(Int(window.streamID))
            let target = id == 0 ? limits.connectionWindow : limits.streamWindow
            if size < target / 2 { put(id, .windowUpdate(windowSizeIncrement: target - size)) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        session.readComplete()
        if needsFlush {
            needsFlush = false
            context.flush()
        }
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(NetError(.protocolViolation, "HTTP/2: \(error)"))
        context.flush()
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(nil)
        context.fireChannelInactive()
    }

    private func end(_ error: NetError?) {
        guard !isClosed else { return }
        isClosed = true
        session.closed(error)
    }

    private func put(_ stream: UInt32, _ payload: HTTP2Frame.FramePayload) {
        let frame = HTTP2Frame(streamID: HTTP2StreamID(Int(stream)), payload: payload)
        context.write(wrapOutboundOut(frame), promise: nil)
        needsFlush = true
    }

    func write(headers: HPACKHeaders, stream: UInt32, endStream: Bool) {
        put(stream, .headers(.init(headers: headers, endStream: endStream)))
    }

    func write(data: ByteBuffer, stream: UInt32, endStream: Bool) {
        put(stream, .data(.init(data: .byteBuffer(data), endStream: endStream)))
    }

    func write(parts: [ByteBuffer], stream: UInt32, endStream: Bool) {
        for (index, part) in parts.enumerated() {
            write(data: part, stream: stream, endStream: endStream && index == parts.count - 1)
        }
    }

    func write(reset code: HTTP2Code, stream: UInt32) {
        put(stream, .rstStream(HTTP2ErrorCode(networkCode: Int(code.rawValue))))
    }

    func write(goAwayAfter lastStream: UInt32, code: HTTP2Code, text: String) {
        put(
            0,
            .goAway(
                lastStreamID: HTTP2StreamID(Int(lastStream)),
                errorCode: HTTP2ErrorCode(networkCode: Int(code.rawValue)),
                opaqueData: text.isEmpty ? nil : ByteBuffer(string: text)))
    }

    func writePing() { put(0, .ping(HTTP2PingData(withInteger: 1), ack: false)) }

    /// At once outside a burst of reads; inside one, `channelReadComplete` does it.
    func flush() {
        guard needsFlush, !isReading else { return }
        needsFlush = false
        context.flush()
    }

    func close() {
        guard !isClosed else { return }
        let context = self.context!
        context.writeAndFlush(
            wrapOutboundOut(
                HTTP2Frame(
                    streamID: .rootStream, payload: .ping(HTTP2PingData(withInteger: 2), ack: false)
                ))
        ).assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }
}
