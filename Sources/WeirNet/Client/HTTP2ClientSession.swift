import NIOCore
import NIOHPACK

/// The requests of one HTTP/2 connection to a server.
// Confined to its event loop: the timers that capture it run there.
final class HTTP2ClientSession: HTTP2Session, @unchecked Sendable {
    private final class Stream {
        let call: ClientCall
        var status = 0
        var headers: HPACKHeaders?
        var reader = GRPCMessageReader()
        var message: ByteBuffer?
        var isCompressed = false
        var body = ByteBuffer()
        var wireBytes = 0
        init(_ call: ClientCall) { self.call = call }
    }

    private let loop: ClientLoop
    private let owner: HTTP2ClientConnections
    private var transport: (any HTTP2Transport)?
    private var streams: [UInt32: Stream] = [:]
    private var nextStream: UInt32 = 1
    private var maxConcurrentStreams = 100
    private var waiting: [ClientCall] = []
    private var isReady = false
    private var isEnding = false
    private var fields: ClientFields
    private var sawRead = false
    private var isAwaitingPing = false
    private var keepalive: Scheduled<Void>?
    private var settingsTimer: Scheduled<Void>?
    private var isClosed = false

    init(loop: ClientLoop, owner: HTTP2ClientConnections) {
        self.loop = loop
        self.owner = owner
        fields = ClientFields(loop.shared.options)
    }

    private var isGRPC: Bool { loop.shared.options.version == .grpc }

    func started(_ transport: any HTTP2Transport) {
        self.transport = transport
        // Without this a server that never speaks would hold all requests to come.
        let limit = loop.shared.options.connectTimeout
        settingsTimer = loop.eventLoop.scheduleTask(in: limit) { [weak self] in
            self?.giveUp(after: limit)
        }
        if let time = loop.shared.options.keepaliveTime { armKeepalive(after: time) }
    }

    func received(maxConcurrentStreams: Int) {
        self.maxConcurrentStreams = maxConcurrentStreams
        if !isReady {
            isReady = true
            settingsTimer?.cancel()
            owner.ready(self)
        }
        startWaiting()
    }

    private func giveUp(after limit: TimeAmount) {
        guard !isReady, let transport else { return }
        closed(
            NetError(
                .connectFailed,
                "\(target) took the connection and said nothing for \(limit.nanoseconds / 1_000_000) ms: is it an HTTP/2 (gRPC) server?",
                isSafeToRetry: true))
        transport.abort()
    }

    // MARK: Requests

    func send(_ call: ClientCall) {
        guard streams.count < maxConcurrentStreams else {
            waiting.append(call)
            call.onAbandon = { [weak self, unowned call] in
                self?.waiting.removeAll { $0 === call }
            }
            return
        }
        guard let transport, !isEnding else { return owner.retry(call, Self.endingError) }
        let id = nextStream
        nextStream += 2
        streams[id] = Stream(call)
        call.onAbandon = { [weak self] in self?.abandon(id) }
        let headers = fields.headers(for: call)
        let isEmpty = call.wireParts.allSatisfy { $0.readableBytes == 0 }
        transport.write(headers: headers, stream: id, endStream: isEmpty)
        if !isEmpty { transport.write(parts: call.wireParts, stream: id, endStream: true) }
        // The parts belong to the frames now; a refused request gets them back from its request.
        transport.flush()
        if nextStream > 0x7FFF_FFF0 { beginEnding() }
    }

    private static let endingError = NetError(
        .closed, "the server is closing the connection", isSafeToRetry: true)

    private func startWaiting() {
        while !waiting.isEmpty, streams.count < maxConcurrentStreams {
            let call = waiting.removeFirst()
            if !call.isDone { send(call) }
        }
    }

    private func abandon(_ id: UInt32) {
        guard streams.removeValue(forKey: id) != nil else { return }
        transport?.write(reset: .cancel, stream: id)
        transport?.flush()
        removedStream()
    }

    private func removedStream() {
        startWaiting()
        if isEnding, streams.isEmpty { transport?.close() }
    }

    private func finish(_ id: UInt32, _ result: ClientResult) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        stream.call.finish(result)
        removedStream()
    }

    /// Ends a stream that the server has not ended.
    private func fail(_ id: UInt32, _ error: NetError) {
        transport?.write(reset: .cancel, stream: id)
        finish(id, .failure(error))
    }

    // MARK: Answers

    func received(headers block: HTTP2HeaderBlock, stream id: UInt32, endStream: Bool) {
        sawRead = true
        guard let stream = streams[id] else { return }
        let headers = block.headers
        if stream.headers == nil || stream.status < 200 {
            stream.status = headers.first(name: ":status").flatMap { Int($0) } ?? 0
            stream.headers = headers
            if endStream { complete(id, stream, trailers: headers) }
        } else if endStream {
            complete(id, stream, trailers: headers)
        }
    }

    func received(data: inout ByteBuffer, stream id: UInt32, endStream: Bool) {
        sawRead = true
        guard let stream = streams[id] else { return }
        let limit = loop.limit(of: stream.call) ?? ClientLoop.maxWhole
        stream.wireBytes += data.readableBytes
        if isGRPC, stream.status == 200 {
            reading: while true {
                switch stream.reader.next(&data) {
                case .needsMore: break reading
                case .prefix(_, let length):
                    if length > limit { return fail(id, .responseTooLarge(limit, target)) }
                case .message(let isCompressed, let message):
                    stream.message = message
                    stream.isCompressed = isCompressed
                case .malformed:
                    return fail(
                        id, NetError(.protocolViolation, "\(target) sent a malformed gRPC message"))
                }
            }
        } else {
            guard stream.body.readableBytes + data.readableBytes <= limit else {
                return fail(id, .responseTooLarge(limit, target))
            }
            stream.body.writeImmutableBuffer(data)
        }
        if endStream { complete(id, stream, trailers: nil) }
    }

    private var target: String { loop.shared.targetText }

    private func complete(_ id: UInt32, _ stream: Stream, trailers: HPACKHeaders?) {
        let headers = MessageHeaders(stream.headers ?? [:])
        var response = ClientResponse(status: stream.status, headers: headers, body: stream.body)
        response.wireBytes = stream.wireBytes
        var encoding = headers.first("content-encoding")
        if isGRPC {
            response.grpc = GRPCStatus(
                httpStatus: stream.status, trailers: trailers, target: target)
            response.body = stream.message ?? ByteBuffer()
            encoding = stream.isCompressed ? headers.first("grpc-encoding") ?? "" : nil
        }
        if let encoding {
            do throws(NetError) {
                response.body = try loop.unpack(response.body, encoding, for: stream.call)
            } catch {
                return finish(id, .failure(error))
            }
        }
        finish(id, .success(response))
    }

    func received(reset code: HTTP2Code, stream id: UInt32) {
        sawRead = true
        guard let stream = streams[id] else { return }
        let error = NetError(
            .closed, "\(target) reset the request (\(code))",
            isSafeToRetry: code == .refusedStream)
        if code == .refusedStream {
            streams.removeValue(forKey: id)
            owner.retry(stream.call, error)
            removedStream()
        } else {
            finish(id, .failure(error))
        }
    }

    func received(goAway lastStream: UInt32, code: HTTP2Code, text: String) {
        sawRead = true
        let error = NetError(
            .closed,
            "\(target) is closing the connection (\(code)\(text.isEmpty ? "" : ": \(text)"))",
            isSafeToRetry: true)
        beginEnding()
        for (id, stream) in streams where id > lastStream {
            streams.removeValue(forKey: id)
            // What it still held back would keep the connection from closing.
            transport?.write(reset: .cancel, stream: id)
            passOn(stream.call, error, code)
        }
        let calls = waiting
        waiting = []
        for call in calls { passOn(call, error, code) }
        if streams.isEmpty { transport?.close() }
    }

    /// A server that is leaving has not looked at the request; one that complains would complain
    /// again.
    private func passOn(_ call: ClientCall, _ error: NetError, _ code: HTTP2Code) {
        if code == .noError {
            owner.retry(call, error)
        } else {
            call.finish(.failure(error))
        }
    }

    private func beginEnding() {
        guard !isEnding else { return }
        isEnding = true
        owner.isEnding(self)
    }

    // MARK: The connection

    func readComplete() {}

    func closed(_ error: NetError?) {
        guard !isClosed else { return }
        isClosed = true
        transport = nil
        keepalive?.cancel()
        settingsTimer?.cancel()
        let error =
            error
            ?? NetError(
                .closed, "\(target) closed the connection before it answered",
                isSafeToRetry: !isReady)
        let left = streams
        let calls = waiting
        streams = [:]
        waiting = []
        owner.ended(self, error)
        for stream in left.values { stream.call.finish(.failure(error)) }
        for call in calls { owner.retry(call, error) }
    }

    func shutDown(_ error: NetError) {
        transport?.write(goAwayAfter: 0, code: .noError, text: "")
        let transport = self.transport
        closed(error)
        transport?.abort()
    }

    // MARK: Keepalive

    private func armKeepalive(after delay: TimeAmount) {
        sawRead = false
        keepalive = loop.eventLoop.scheduleTask(in: delay) { [weak self] in self?.checkKeepalive() }
    }

    private func checkKeepalive() {
        guard let transport, let time = loop.shared.options.keepaliveTime else { return }
        if sawRead || streams.isEmpty {
            isAwaitingPing = false
            return armKeepalive(after: time)
        }
        if isAwaitingPing {
            closed(NetError(.closed, "\(target) does not answer pings: the connection is dead"))
            return transport.abort()
        }
        isAwaitingPing = true
        transport.writePing()
        transport.flush()
        armKeepalive(after: loop.shared.options.keepaliveTimeout)
    }

    func receivedPingAnswer() { sawRead = true }
}

extension NetError {
    static func responseTooLarge(_ limit: Int, _ target: String) -> NetError {
        NetError(.tooLarge, "the answer of \(target) is larger than \(limit) bytes")
    }
}
