import Glibc
package import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Listens on one endpoint and speaks HTTP/1.1, HTTP/2 and gRPC there.
package final class HTTPServer: Sendable {
    package let options: ServerOptions
    package let counters = ServerCounters()

    let group: any EventLoopGroup
    let contexts: [ObjectIdentifier: ServerContext]
    private let state = Mutex(State())
    /// Certificate and key; connections that are open keep what they have when these change.
    private let tls: FromFiles<NIOSSLContext>?

    struct State {
        var listener: (any Channel)?
        var socket: ListeningSocket?
        var bound: Endpoint?
        var open = ConnectionCount()
        var whenEmpty: [EventLoopPromise<Void>] = []
    }

    package init(options: ServerOptions, group: any EventLoopGroup, handler: any ServerHandler) {
        self.options = options
        self.group = group
        tls = options.tls?.source
        var contexts: [ObjectIdentifier: ServerContext] = [:]
        for loop in group.makeIterator() {
            contexts[ObjectIdentifier(loop)] = ServerContext(
                options: options, handler: handler, counters: counters)
        }
        self.contexts = contexts
    }

    /// Where the server listens, with the real port; `nil` before it has started.
    package var boundEndpoint: Endpoint? { state.withLock { $0.bound } }

    /// The socket, to be handed on to another server; `nil` while it does not listen.
    package var socket: ListeningSocket? { state.withLock { $0.socket } }

    /// Opens the socket. Fails with a `NetError` that names the endpoint and the cause.
    ///
    /// - Parameters:
    ///   - inherited: Is listened on instead; no connection notices who accepts it.
    ///   - neighbours: Sockets on the same port that are about to be closed.
    package func start(
        inheriting inherited: ListeningSocket? = nil, beside neighbours: [ListeningSocket] = []
    ) -> EventLoopFuture<Endpoint> {
        let loop = group.next()
        do {
            _ = try tls?.value()
        } catch {
            return loop.makeFailedFuture(error)
        }
        let endpoint = options.endpoint
        let opened: EventLoopFuture<(any Channel, ListeningSocket)>
        if let inherited {
            opened = listen(on: inherited, loop)
        } else {
            for neighbour in neighbours { neighbour.allowsNeighbours(true) }
            opened = checkStaleSocket(on: loop).flatMap {
                self.listen(isBeside: !neighbours.isEmpty)
            }
        }
        return opened.map { channel, socket in
            self.state.withLock {
                $0.listener = channel
                $0.socket = socket
                $0.bound = socket.bound
            }
            return socket.bound
        }.flatMapErrorThrowing { throw Self.bindError($0, endpoint) }
    }

    /// Stops listening, lets requests in flight end (GOAWAY, `Connection: close`), and closes what is
    /// left after `limit`. The future succeeds when no connection is left.
    ///
    /// - Parameter lingering: How long a connection that is waiting for a request may still bring one,
    ///   which is answered, before it is closed: a client that is just sending it would lose it.
    package func drain(
        within limit: TimeAmount = .seconds(10), lingering: TimeAmount = .zero
    ) -> EventLoopFuture<Void> {
        let promise = group.next().makePromise(of: Void.self)
        let listener = state.withLock { state -> (any Channel)? in
            defer { (state.listener, state.socket) = (nil, nil) }
            return state.listener
        }
        let closed =
            listener.map { $0.close().recover { _ in } }
            ?? promise.futureResult.eventLoop
            .makeSucceededVoidFuture()
        closed.whenComplete { _ in
            for loop in self.group.makeIterator() {
                guard let context = self.contexts[ObjectIdentifier(loop)] else { continue }
                loop.execute { context.drain(within: limit, lingering: lingering) }
            }
            let isEmpty = self.state.withLock { state -> Bool in
                if state.open.all > 0 { state.whenEmpty.append(promise) }
                return state.open.all == 0
            }
            if isEmpty { promise.succeed() }
        }
        return promise.futureResult
    }

    /// Ends everything at once.
    package func close() -> EventLoopFuture<Void> { drain(within: .nanoseconds(0)) }

    // MARK: Connections

    private func listen(
        isBeside: Bool = false
    ) -> EventLoopFuture<(any Channel, ListeningSocket)> {
        let channel: EventLoopFuture<any Channel>
        switch options.endpoint {
        case .unix(let path):
            channel = bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true)
        case .tcp(let host, let port):
            channel = bootstrap.serverChannelOption(
                .socketOption(.init(rawValue: SO_REUSEPORT)), value: isBeside ? 1 : 0
            ).bind(host: host, port: port)
        }
        let endpoint = options.endpoint
        return channel.flatMapThrowing { channel in
            guard let socket = ListeningSocket(of: channel, endpoint) else {
                channel.close(promise: nil)
                throw NetError(.bindFailed, "no more descriptors")
            }
            // From now on an address that is taken is taken.
            if isBeside { socket.allowsNeighbours(false) }
            return (channel, socket)
        }
    }

    private func listen(
        on socket: ListeningSocket, _ loop: any EventLoop
    ) -> EventLoopFuture<(any Channel, ListeningSocket)> {
        do throws(NetError) {
            return bootstrap.withBoundSocket(try socket.share()).map { ($0, socket) }
        } catch {
            return loop.makeFailedFuture(error)
        }
    }

    private var bootstrap: ServerBootstrap {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 4)
            .childChannelOption(
                .writeBufferWaterMark,
                value: ChannelOptions.Types.WriteBufferWaterMark(
                    low: 256 << 10, high: 1 << 20)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.accepted(channel) }
            }
        if case .unix = options.endpoint { return bootstrap }
        return bootstrap.childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
    }

    private func accepted(_ channel: any Channel) throws {
        counters.add(\.connections)
        let client =
            options.maxConnectionsPerClient > 0 ? channel.remoteAddress?.ipAddress : nil
        if let kind = state.withLock({ $0.open.enter(client, options) }) {
            counters.add(\.connectionsRefused)
            let refusal = ConnectionRefusal(
                kind, peer: channel.remoteAddress.describingPeer, options: options)
            options.onConnectionRefused(refusal)
            throw NetError(.closed, refusal.text)
        }
        counters.add(\.openConnections)
        channel.closeFuture.whenComplete { _ in self.ended(client) }
        guard let context = contexts[ObjectIdentifier(channel.eventLoop)] else {
            preconditionFailure("a connection on a loop of another group")
        }
        try addDetector(to: channel, context, isDecrypted: false)
    }

    private func ended(_ client: String?) {
        counters.add(\.openConnections, -1)
        let promises = state.withLock { state -> [EventLoopPromise<Void>] in
            state.open.leave(client)
            guard state.open.all == 0 else { return [] }
            defer { state.whenEmpty = [] }
            return state.whenEmpty
        }
        for promise in promises { promise.succeed() }
    }

    private func addDetector(
        to channel: any Channel, _ context: ServerContext, isDecrypted: Bool
    ) throws {
        let detector = ProtocolDetector(
            server: context, timeout: options.readHeaderTimeout,
            onTimeout: { context.counters.add(\.timeouts) },
            onError: { [peer = channel.remoteAddress] error in
                // A peer that connects and leaves, as health checks do, is no event.
                if isDecrypted, error is NIOSSLError || error is BoringSSLError {
                    context.mismatch(.tlsHandshakeFailed, peer: peer)
                }
            },
            decide: { [self] found, channel in
                try decide(found, channel, context, isDecrypted: isDecrypted)
            })
        try channel.pipeline.syncOperations.addHandler(detector)
    }

    /// Builds the rest of the pipeline for what the first bytes say.
    private func decide(
        _ found: FirstBytes, _ channel: any Channel, _ context: ServerContext, isDecrypted: Bool
    ) throws {
        let address = channel.remoteAddress
        let tlsContext = try tls?.value()
        let reply: (ProtocolMismatch.Kind, (String) -> ByteBuffer)
        switch found {
        case .tls:
            if let tlsContext, !isDecrypted {
                try channel.pipeline.syncOperations.addHandler(
                    NIOSSLServerHandler(context: tlsContext))
                return try addDetector(to: channel, context, isDecrypted: true)
            }
            reply = (.tlsOnPlaintextPort, { _ in MismatchReply.tls })
        case .http1, .http2:
            if tlsContext == nil || isDecrypted {
                let peer = PeerIdentity(
                    address: address, tlsSubject: subject(of: channel, isDecrypted))
                guard found == .http2 else {
                    return try HTTP1ServerSession.add(to: channel, server: context, peer: peer)
                }
                return try startHTTP2(channel, context, peer)
            }
            reply = (
                .plaintextOnTLSPort,
                {
                    found == .http2 ? MismatchReply.http2($0) : MismatchReply.http1(status: 400, $0)
                }
            )
        case .garbage, .needsMore:
            context.mismatch(.garbage, peer: address)
            throw NetError(.protocolMismatch, "unknown protocol")
        }
        let refusal = context.mismatch(reply.0, peer: address)
        try channel.pipeline.syncOperations.addHandler(MismatchReply(reply.1(refusal.message)))
    }

    private func startHTTP2(
        _ channel: any Channel, _ context: ServerContext, _ peer: PeerIdentity
    ) throws {
        let session = HTTP2ServerSession(
            server: context, eventLoop: channel.eventLoop, peer: peer)
        let limits = HTTP2Limits(
            streamWindow: options.streamWindow, connectionWindow: options.connectionWindow,
            maxHeaderListBytes: options.maxHeaderBytes,
            maxConcurrentStreams: options.maxConcurrentStreams)
        try HTTP2Connection.add(
            to: channel, session: session, limits: limits, isServer: true,
            peerName: peer.address.describingPeer)
    }

    private func subject(of channel: any Channel, _ isDecrypted: Bool) -> String? {
        guard isDecrypted, options.tls?.clientCAFile != nil,
            let handler = try? channel.pipeline.syncOperations.handler(
                type: NIOSSLServerHandler.self),
            let der = try? handler.peerCertificate?.toDERBytes()
        else { return nil }
        return CertificateSubject.commonName(der: der)
    }
}
