import NIOCore

/// What came on a stream and was not read yet: a bounded amount, then the socket is left alone.
// Confined to its event loop.
final class StreamInbox: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// Above it nothing more is read from the socket, but for what is on its way through TLS.
    static let highWatermark = 256 << 10

    private var buffer = ByteBuffer()
    private var end: Result<Void, any Error>?
    private var reader: (promise: EventLoopPromise<ByteBuffer>, limit: Int)?
    private var context: ChannelHandlerContext?
    private var isPaused = false

    var isEmpty: Bool { buffer.readableBytes == 0 }
    /// Bytes of memory.
    var capacity: Int { buffer.capacity }

    /// What ended the stream, if it did not end well.
    var failure: (any Error)? {
        if case .failure(let error)? = end { return error }
        return nil
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) {
        finish(.success(()))
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Where the other side is always faster, the buffer is never empty: what was read has to go.
        buffer.discardReadBytes()
        buffer.writeImmutableBuffer(unwrapInboundIn(data))
        answer()
        pauseOrResume()
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(.success(()))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(StreamHandshake.isUncleanEnd(error) ? .success(()) : .failure(error))
        context.close(promise: nil)
    }

    private func finish(_ end: Result<Void, any Error>) {
        if self.end == nil { self.end = end }
        answer()
    }

    func read(limit: Int, _ promise: EventLoopPromise<ByteBuffer>) {
        reader = (promise, limit)
        answer()
        pauseOrResume()
    }

    private func answer() {
        guard let (promise, limit) = reader else { return }
        let count = min(max(1, limit), buffer.readableBytes)
        if count > 0, let slice = buffer.readSlice(length: count) {
            reader = nil
            if buffer.readableBytes == 0 { buffer = ByteBuffer() }
            promise.succeed(slice)
        } else if let end {
            reader = nil
            promise.completeWith(end.map { ByteBuffer() })
        }
    }

    private func pauseOrResume() {
        let isFull = buffer.readableBytes >= Self.highWatermark
        guard isFull != isPaused, let context else { return }
        isPaused = isFull
        context.channel.setOption(.autoRead, value: !isFull).whenFailure { _ in }
    }
}
