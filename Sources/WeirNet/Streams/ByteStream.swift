package import NIOCore
import NIOPosix
import Synchronization

/// A connection whose calls block until they are done, their deadline has passed or the stream is
/// cancelled. The socket lives on an event loop; a call takes no thread but the caller's.
///
/// One call at a time; `cancel` and `close` on any thread. After an error only `close` makes sense.
package final class ByteStream: Sendable {
    private struct State: Sendable {
        var socket: Socket?
        var report: StreamTLSReport?
        var moments = StreamMoments()
        var address = ""
        /// Ends the call in progress.
        var abandon: (@Sendable (NetError) -> Void)?
        var isCancelled = false
    }

    /// The inbox outlives the channel's pipeline: what came before the end can still be read.
    private struct Socket: Sendable {
        var channel: any Channel
        var inbox: NIOLoopBound<StreamInbox>
    }

    let loop: any EventLoop
    private let origin: StreamOptions
    private let clock: @Sendable () -> UInt64
    private let state = Mutex(State())

    private init(
        _ loop: any EventLoop, _ origin: StreamOptions, _ clock: @escaping @Sendable () -> UInt64
    ) {
        self.loop = loop
        self.origin = origin
        self.clock = clock
    }

    package var moments: StreamMoments { state.withLock { $0.moments } }
    /// `192.0.2.1:6379`, `[2001:db8::1]:6379`, `unix:/run/redis.sock`.
    package var address: String { state.withLock { $0.address } }
    /// `nil`: the stream has no TLS.
    package var report: StreamTLSReport? { state.withLock { $0.report } }

    /// Connects, and goes through the handshake of TLS where the options have TLS.
    ///
    /// - Parameter opened: gets the stream before anything blocks, so that others can cancel it.
    package static func connect(
        _ options: StreamOptions, group: any EventLoopGroup, deadline: NIODeadline,
        clock: @escaping @Sendable () -> UInt64,
        opened: (ByteStream) -> Void = { _ in }
    ) throws(NetError) -> ByteStream {
        let stream = ByteStream(group.next(), options, clock)
        opened(stream)
        // .distantFuture plus anything would overflow.
        let deadline = min(deadline, .now() + options.timeout)
        do throws(NetError) {
            stream.stamp { $0.began = $1 }
            let addresses = try stream.addresses(of: options.endpoint, deadline)
            stream.stamp { $0.resolved = $1 }
            try stream.connect(to: addresses, options.endpoint, deadline)
            stream.stamp { $0.connected = $1 }
            if options.tls != nil { try stream.startTLS(options, deadline: deadline) }
            return stream
        } catch {
            stream.close()
            throw error
        }
    }

    private func stamp(_ set: (inout StreamMoments, UInt64) -> Void) {
        let now = clock()
        state.withLock { set(&$0.moments, now) }
    }

    private func addresses(
        of endpoint: Endpoint, _ deadline: NIODeadline
    ) throws(NetError) -> [SocketAddress] {
        switch endpoint {
        case .unix(let path):
            do { return [try SocketAddress(unixDomainSocketPath: path)] } catch {
                throw NetError(.configuration, "the socket path \(path) cannot be used: \(error)")
            }
        case .tcp(let host, let port):
            if let address = try? SocketAddress(ipAddress: host, port: port) { return [address] }
            return try call(deadline, "resolving the name \(host)") { stream, promise in
                SystemNames.threads.runIfActive(eventLoop: stream.loop) {
                    try SystemNames.addresses(of: host, port: port)
                }.cascade(to: promise)
            }
        }
    }

    /// Tries one after the other; each gets its share of the time that is left.
    private func connect(
        to addresses: [SocketAddress], _ endpoint: Endpoint, _ deadline: NIODeadline
    ) throws(NetError) {
        var failure: NetError?
        for (index, address) in addresses.enumerated() {
            let left = deadline - .now()
            let share = left.nanoseconds / Int64(addresses.count - index)
            let limit = .now() + .nanoseconds(max(share, 1))
            do throws(NetError) {
                let socket: Socket = try call(limit, "connecting to \(endpoint)") {
                    stream, promise in stream.open(address, promise)
                }
                state.withLock { state in
                    state.socket = socket
                    state.address = address.endpointText
                }
                return
            } catch {
                if error.kind == .cancelled { throw error }
                failure = NetError(streamTo: endpoint.description, error)
            }
        }
        throw failure ?? NetError(.connectFailed, "no address for \(endpoint): check the endpoint")
    }

    /// On the event loop.
    private func open(_ address: SocketAddress, _ promise: EventLoopPromise<Socket>) {
        let inbox = NIOLoopBound(StreamInbox(), eventLoop: loop)
        let bootstrap = ClientBootstrap(group: loop)
            .channelOption(.maxMessagesPerRead, value: 4)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(inbox.value)
                }
            }
        let opened = bootstrap.connect(to: address)
        opened.map { Socket(channel: $0, inbox: inbox) }.cascade(to: promise)
        // Given up meanwhile: nobody will close it.
        let isGone = NIOLoopBound(Flag(), eventLoop: loop)
        promise.futureResult.whenFailure { _ in isGone.value.isSet = true }
        opened.whenSuccess { channel in
            if isGone.value.isSet { channel.close(promise: nil) }
        }
    }

    /// Goes over to TLS. What came before and was not read makes it fail.
    ///
    /// - Parameter options: how; where they have no name to verify, that of `connect` is taken.
    package func startTLS(_ options: StreamOptions, deadline: NIODeadline) throws(NetError) {
        let socket = try openSocket()
        let target = address
        let tls = options.tls ?? ClientTLSOptions()
        let name = options.serverName(tls) ?? origin.serverName(tls)
        let context = try ClientTLS.source(tls, .bytes).value()
        let report: StreamTLSReport = try call(
            deadline, "the TLS handshake with \(target) (does this port speak TLS?)"
        ) {
            _, promise in
            let handshake = StreamHandshake(tls, name: name, target: target, promise)
            handshake.begin(on: socket.channel, context, after: socket.inbox.value)
        }
        state.withLock { $0.report = report }
        stamp { $0.secured = $1 }
    }

    /// Writes all.
    package func write(_ bytes: ByteBuffer, deadline: NIODeadline) throws(NetError) {
        let socket = try openSocket()
        try call(deadline, "writing to \(address)") { _, promise in
            let written = socket.channel.writeAndFlush(bytes)
            written.whenSuccess { promise.succeed() }
            // What ended the connection says more than that it is closed.
            written.whenFailure { promise.fail(socket.inbox.value.failure ?? $0) }
        }
    }

    /// At least one byte and at most `limit`; empty at the end of the stream.
    package func read(limit: Int, deadline: NIODeadline) throws(NetError) -> ByteBuffer {
        let socket = try openSocket()
        return try call(deadline, "reading from \(address)") { _, promise in
            socket.inbox.value.read(limit: limit, promise)
        }
    }

    /// Ends the call in progress, and all that come later, with `cancelled`.
    package func cancel() {
        let abandon = state.withLock { state in
            state.isCancelled = true
            return state.abandon
        }
        abandon?(Self.cancelled)
        close()
    }

    package func close() {
        let socket = state.withLock { $0.socket.take() }
        socket?.channel.close(mode: .all, promise: nil)
    }

    private static var cancelled: NetError {
        NetError(.cancelled, "the component was asked to stop")
    }

    private static func timeout(_ what: String) -> NetError {
        NetError(.timeout, "\(what): no end within its time")
    }

    private func openSocket() throws(NetError) -> Socket {
        let (socket, isCancelled) = state.withLock { ($0.socket, $0.isCancelled) }
        if isCancelled { throw Self.cancelled }
        guard let socket else { throw NetError(.closed, "the connection is closed") }
        return socket
    }

    /// Begins something on the event loop and waits for its outcome.
    private func call<Value: Sendable>(
        _ deadline: NIODeadline, _ what: String,
        _ begin: @escaping @Sendable (ByteStream, EventLoopPromise<Value>) -> Void
    ) throws(NetError) -> Value {
        guard MultiThreadedEventLoopGroup.currentEventLoop == nil else {
            throw NetError(
                .configuration,
                "streams block: they cannot be used on a thread that serves sockets")
        }
        // Where data is always there, no timer would ever come first.
        guard deadline > .now() else { throw Self.timeout(what) }
        let promise = loop.makePromise(of: Value.self)
        let isCancelled = state.withLock { state in
            state.abandon = { promise.fail($0) }
            return state.isCancelled
        }
        defer { state.withLock { $0.abandon = nil } }
        if isCancelled {
            promise.fail(Self.cancelled)
        } else {
            loop.execute {
                let timer = self.loop.scheduleTask(deadline: deadline) {
                    promise.fail(Self.timeout(what))
                }
                promise.futureResult.whenComplete { _ in timer.cancel() }
                begin(self, promise)
            }
        }
        do { return try promise.futureResult.wait() } catch let error as NetError {
            throw error
        } catch {
            let isOpen = state.withLock { $0.socket != nil }
            throw NetError(
                streamTo: address.isEmpty ? "\(origin.endpoint)" : address, error, isOpen: isOpen)
        }
    }
}

/// Confined to its event loop.
private final class Flag {
    var isSet = false
}

extension SocketAddress {
    var endpointText: String {
        switch self {
        case .unixDomainSocket: return "unix:\(pathname ?? "")"
        default: return Endpoint.tcp(host: ipAddress ?? "", port: port ?? 0).description
        }
    }
}
