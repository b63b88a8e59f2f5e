import NIOCore

/// The connections of a client on one event loop.
protocol ClientConnections: AnyObject {
    func send(_ call: ClientCall)
    func close()
    /// Whether no request is under way or waits.
    var isUnused: Bool { get }
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
    /// Where redirects lead; all that come from one client have them in common.
    let neighbours: ClientNeighbours
    private let isNeighbour: Bool

    init(
        shared: ClientShared, eventLoop: any EventLoop, neighbours: ClientNeighbours? = nil
    ) {
        self.shared = shared
        self.eventLoop = eventLoop
        self.neighbours = neighbours ?? ClientNeighbours()
        isNeighbour = neighbours != nil
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
        do throws(NetError) {
            try prepare(call)
        } catch {
            return call.finish(.failure(error))
        }
        call.startDeadline(
            call.request.timeout ?? shared.options.timeout, target: shared.targetText)
        connections.send(call)
    }

    /// A request that comes from another server, or once more.
    func resend(_ call: ClientCall) {
        guard !isClosed, let connections else {
            return call.finish(.failure(NetError(.closed, "the client has been closed")))
        }
        connections.send(call)
    }

    var isUnused: Bool { connections?.isUnused ?? true }

    /// For one that is made after its client was closed.
    func refuse() {
        isClosed = true
        connections = nil
    }

    func close() {
        isClosed = true
        connections?.close()
        connections = nil
        if !isNeighbour { neighbours.close() }
    }

    /// The body of an answer. Where the request has changed something, the status says what became of
    /// it, and a body that cannot be unpacked is empty: to send it again because of that would
    /// duplicate it.
    func unpack(
        _ body: ByteBuffer, _ name: String?, for call: ClientCall
    ) throws(NetError) -> ByteBuffer {
        let limit = min(limit(of: call) ?? HTTP1Answer.defaultUnpacked, Self.maxWhole)
        let failure: NetError
        if let encoding = ContentEncoding(header: name) {
            do throws(DecompressionError) {
                return try decompressor.decompress(body, encoding: encoding, limit: limit)
            } catch .overLimit {
                failure = .responseTooLarge(limit, shared.targetText)
            } catch {
                failure = NetError(
                    .protocolViolation,
                    "the answer of \(shared.targetText) is not valid \(encoding)")
            }
        } else {
            failure = NetError(
                .protocolViolation,
                "the answer of \(shared.targetText) has content-encoding \(name ?? ""): expected one of \(ContentEncoding.accepted)"
            )
        }
        guard call.request.isSafe else { return ByteBuffer() }
        throw failure
    }

    /// How large a body may be at most that is held whole, whatever limit is asked for: a buffer
    /// cannot have more than twice that.
    static let maxWhole = 1 << 30

    /// How large the body of the answer may be, unpacked; `nil`: as large as it comes.
    func limit(of call: ClientCall) -> Int? {
        guard call.request.onChunk == nil else { return call.request.maxBody }
        return min(call.request.maxBody ?? shared.options.maxResponseBytes, Self.maxWhole)
    }

    private func prepare(_ call: ClientCall) throws(NetError) {
        call.uri = shared.options.target.pathPrefix + call.request.path
        call.authorization = try shared.authorization?.value()
        var parts = call.request.parts
        let isEmpty = parts.allSatisfy { $0.readableBytes == 0 }
        // gRPC's empty message is one; elsewhere what is not there is not compressed.
        let encoding =
            isEmpty && shared.options.version != .grpc
            ? .identity
            : call.request.precompressed ?? call.request.compression ?? shared.options.compression
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
