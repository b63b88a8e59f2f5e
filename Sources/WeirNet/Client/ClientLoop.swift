import NIOCore

/// The connections of a client on one event loop.
protocol ClientConnections: AnyObject {
    func send(_ call: ClientCall)
    func close()
}

/// What the connections of one event loop share. Confined to that loop.
final class ClientLoop: @unchecked Sendable {  // Only its own event loop touches it.
    let shared: ClientShared
    let eventLoop: any EventLoop
    let compressor = Compressor()
    let decompressor = Decompressor()
    /// They point back here: `close` takes them out, which `HTTPClient` calls at the latest when it
    /// is released.
    private var connections: (any ClientConnections)?
    private var isClosed = false

    init(shared: ClientShared, eventLoop: any EventLoop) {
        self.shared = shared
        self.eventLoop = eventLoop
        switch shared.options.version {
        case .http1: connections = HTTP1ClientPool(loop: self)
        case .http2, .grpc: connections = HTTP2ClientConnections(loop: self)
        }
    }

    func send(_ call: ClientCall) {
        guard !isClosed, let connections else {
            return call.finish(
                .failure(NetError(.closed, "the client has been closed", isSafeToRetry: true)))
        }
        prepare(call)
        call.startDeadline(
            call.request.timeout ?? shared.options.timeout, target: shared.targetText)
        connections.send(call)
    }

    func close() {
        isClosed = true
        connections?.close()
        connections = nil
    }

    /// The body of an answer; empty when it cannot be unpacked. The status has said what became of
    /// the request: to send it again because of a damaged body would duplicate it.
    func unpack(_ body: ByteBuffer, _ name: String?) -> ByteBuffer {
        guard let encoding = ContentEncoding(header: name) else { return ByteBuffer() }
        let limit = shared.options.maxResponseBytes
        return (try? decompressor.decompress(body, encoding: encoding, limit: limit))
            ?? ByteBuffer()
    }

    private func prepare(_ call: ClientCall) {
        let encoding =
            call.request.precompressed ?? call.request.compression ?? shared.options.compression
        var parts = call.request.parts
        if encoding != .identity, call.request.precompressed == nil {
            parts = [compressor.compress(parts, encoding: encoding)]
        }
        call.wireEncoding = encoding
        if shared.options.version == .grpc {
            let length = parts.reduce(0) { $0 + $1.readableBytes }
            var prefix = ByteBufferAllocator().buffer(capacity: 5)
            prefix.writeInteger(UInt8(encoding == .identity ? 0 : 1))
            prefix.writeInteger(UInt32(truncatingIfNeeded: length))
            parts.insert(prefix, at: 0)
        }
        call.wireParts = parts
    }
}

/// Backoff between attempts to connect: doubles, with up to a fifth of jitter.
struct ConnectBackoff {
    private(set) var current: TimeAmount?
    private var until = NIODeadline.uptimeNanoseconds(0)
    private(set) var lastError: NetError?

    mutating func failed(_ error: NetError, _ options: ClientOptions, now: NIODeadline) {
        let next = current.map { .nanoseconds($0.nanoseconds * 2) } ?? options.initialBackoff
        let capped = min(next, options.maxBackoff)
        current = capped
        let jitter = Int64.random(in: 0...max(1, capped.nanoseconds / 5))
        until = now + capped + .nanoseconds(jitter)
        lastError = error
    }

    mutating func succeeded() {
        current = nil
        lastError = nil
        until = .uptimeNanoseconds(0)
    }

    /// The error that a request gets without a new attempt; `nil` when it is time for one.
    func refusal(now: NIODeadline) -> NetError? { now < until ? lastError : nil }
}
