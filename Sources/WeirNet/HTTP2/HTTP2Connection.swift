import NIOCore
import NIOHPACK

/// The frames of one HTTP/2 connection, by RFC 9113: framing, header compression, windows, limits.
///
/// It exists because swift-nio-http2 allocates for each frame and fires two events for each change
/// of a window, which costs more than everything else that a request needs.
final class HTTP2Connection: ChannelDuplexHandler, HTTP2Transport,
    // Confined to its event loop: the tasks that capture it run there.
    @unchecked Sendable
{
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The longest header block, in frames and as a multiple of the list's limit.
    static let maxContinuations = 16

    let session: any HTTP2Session
    let limits: HTTP2Limits
    let isServer: Bool
    /// For the texts of errors.
    let peerName: String
    var context: ChannelHandlerContext!
    let allocator = ByteBufferAllocator()

    // Reading
    var leftover = ByteBuffer()
    var needsPreface: Bool
    var needsSettings = true
    var hasSeenSettings = false
    var dataStream: UInt32 = 0
    var dataLeft = 0
    var dataPadding = 0
    var dataEnds = false
    var headerBlock: ByteBuffer?
    var headerStream: UInt32 = 0
    var headerEnds = false
    var headerFrames = 0
    var decoder: HPACKDecoder
    /// Blocks that came lately and change no table.
    var knownBlocks: [KnownBlock] = []
    var lastPeerStream: UInt32 = 0
    var consumed = 0
    var receiveWindow: Int
    var flood: HTTP2FloodGuard
    var resets = RecentResets(capacity: 256)

    // Writing
    var encoder: HPACKEncoder
    var encodedLists: [EncodedList] = []
    var out = ByteBuffer()
    var needsFlush = false
    var isReading = false
    var sendWindow = 65535
    var peerInitialWindow = 65535
    var peerMaxFrameSize = 16384
    /// Streams with something in their outbox, in the order in which they were blocked.
    var blocked: [UInt32] = []

    // Streams
    var streams: [UInt32: HTTP2StreamState] = [:]
    var lastUsed: HTTP2StreamState?
    var openPeerStreams = 0
    var nextLocalStream: UInt32 = 1
    var isClosing = false
    var isClosed = false
    private var hasStarted = false
    private var holdsRead = false
    private var hasClosed = false

    /// A list that is sent again and again, and its block while the table stays as it is.
    struct EncodedList {
        var list: HTTP2HeaderList
        var block: ByteBuffer
    }

    struct KnownBlock {
        var bytes: ByteBuffer
        var block: HTTP2HeaderBlock
    }

    init(session: any HTTP2Session, limits: HTTP2Limits, isServer: Bool, peerName: String) {
        self.peerName = peerName
        self.session = session
        self.limits = limits
        self.isServer = isServer
        needsPreface = isServer
        receiveWindow = limits.connectionWindow
        decoder = HPACKDecoder(
            allocator: ByteBufferAllocator(), maxDynamicTableSize: 4096,
            maxHeaderListSize: limits.maxHeaderListBytes)
        encoder = HPACKEncoder(allocator: ByteBufferAllocator())
        // A gRPC server measures the path to its client with pings, one for each round trip.
        flood =
            isServer
            ? HTTP2FloodGuard(capacity: 2000, perSecond: 200)
            : HTTP2FloodGuard(capacity: 100_000, perSecond: 20_000)
    }

    static func add(
        to channel: any Channel, session: any HTTP2Session, limits: HTTP2Limits, isServer: Bool,
        peerName: String
    ) throws {
        try channel.pipeline.syncOperations.addHandler(
            HTTP2Connection(
                session: session, limits: limits, isServer: isServer, peerName: peerName))
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

    private func start() {
        guard !hasStarted else { return }
        hasStarted = true
        if !isServer { out.writeStaticString("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") }
        var settings: [(UInt16, Int)] = [
            (HTTP2Setting.initialWindowSize, limits.streamWindow),
            (HTTP2Setting.maxFrameSize, limits.maxFrameSize),
            (HTTP2Setting.maxHeaderListSize, limits.maxHeaderListBytes),
        ]
        settings.append(
            isServer
                ? (HTTP2Setting.maxConcurrentStreams, limits.maxConcurrentStreams)
                : (HTTP2Setting.enablePush, 0))
        frame(HTTP2FrameType.settings, length: settings.count * 6)
        for (id, value) in settings { out.writeMultipleIntegers(id, UInt32(value)) }
        frame(HTTP2FrameType.windowUpdate, length: 4)
        out.writeInteger(UInt32(limits.connectionWindow - 65535))
        needsFlush = true
        session.started(self)
        flush()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosed else { return }
        isReading = true
        var bytes = unwrapInboundIn(data)
        if leftover.readableBytes > 0 {
            leftover.writeBuffer(&bytes)
            swap(&bytes, &leftover)
            leftover = ByteBuffer()
        }
        do {
            try parse(&bytes)
            if bytes.readableBytes > 0 { leftover = bytes }
        } catch {
            fail(error)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        if !isClosed { session.readComplete() }
        flush()
        context.fireChannelReadComplete()
    }

    /// A client that sends but does not read its answers has to wait. A client of ours goes on
    /// reading: its own requests are what fills the socket.
    func read(context: ChannelHandlerContext) {
        if isServer, !context.channel.isWritable {
            holdsRead = true
        } else {
            context.read()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if holdsRead, context.channel.isWritable {
            holdsRead = false
            context.read()
        }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(NetError(connectingTo: peerName, error))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(nil)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { end(nil) }

    /// A violation of the connection: says so, and ends.
    func fail(_ error: any Error) {
        guard case .connection(let code, let text) = error as? HTTP2Violation else {
            return fail(HTTP2Violation.connection(.internalError, "\(error)"))
        }
        guard !isClosed else { return }
        write(goAwayAfter: lastPeerStream, code: code, text: text)
        writeOut()
        let context = NIOLoopBound(self.context!, eventLoop: eventLoop)
        context.value.flush()
        end(NetError(.protocolViolation, "HTTP/2 \(code): \(text)"))
        context.value.close(mode: .output, promise: nil)
        context.value.eventLoop.scheduleTask(in: .milliseconds(200)) {
            context.value.close(promise: nil)
        }
    }

    func end(_ error: NetError?) {
        guard !isClosed else { return }
        isClosed = true
        streams = [:]
        lastUsed = nil
        blocked = []
        session.closed(error)
    }

    func close() {
        isClosing = true
        closeIfDone()
    }

    func abort() {
        guard !isClosed else { return }
        writeOut()
        context.flush()
        context.close(promise: nil)
    }

    func closeIfDone() {
        guard isClosing, !isClosed, !hasClosed, blocked.isEmpty else { return }
        hasClosed = true
        writeOut()
        needsFlush = false
        let context = NIOLoopBound(self.context!, eventLoop: eventLoop)
        context.value.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
            context.value.close(promise: nil)
        }
    }
}
