import NIOCore
import NIOPosix
import NIOSSL

/// What never changes about a client, and how it opens a connection.
final class ClientShared: Sendable {
    let options: ClientOptions
    let targetText: String
    let authorization: AuthorizationHeader?
    private let tls: ClientTLS.Source?
    private let sniName: String?

    init(_ options: ClientOptions) throws(NetError) {
        self.options = options
        targetText = options.target.endpoint.description
        authorization = options.authorization.map { AuthorizationHeader($0) }
        tls = options.usesTLS ? try ClientTLS.source(options.tls, options.version) : nil
        let name = options.tls.serverNameOverride ?? options.target.hostName
        // SNI does not allow addresses.
        let isAddress = (try? SocketAddress(ipAddress: name, port: 0)) != nil
        sniName = isAddress ? nil : name
    }

    /// What does not answer when a connection cannot be opened.
    var connectText: String {
        options.proxy.map { "the proxy \($0.endpoint)" } ?? targetText
    }

    /// Connects; `initializer` adds the handlers above TLS.
    func connect(
        on loop: any EventLoop, expects version: ClientOptions.Version,
        initializer: @escaping @Sendable (any Channel) throws -> Void
    ) -> EventLoopFuture<any Channel> {
        let context: NIOSSLContext?
        do throws(NetError) {
            context = try tls?.value()
        } catch {
            return loop.makeFailedFuture(error)
        }
        let addHandlers: @Sendable (any Channel) throws -> Void = { [sniName, targetText] channel in
            let pipeline = channel.pipeline.syncOperations
            if let context {
                try pipeline.addHandler(
                    NIOSSLClientHandler(context: context, serverHostname: sniName))
            }
            try pipeline.addHandler(ServerFirstBytes(expects: version, target: targetText))
            try initializer(channel)
        }
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(options.connectTimeout)
            .channelOption(.maxMessagesPerRead, value: 4)
        guard let proxy = options.proxy else {
            return connect(options.target.endpoint, bootstrap, addHandlers)
        }
        guard context != nil else { return connect(proxy.endpoint, bootstrap, addHandlers) }
        let opened = loop.makePromise(of: Void.self)
        let (authority, limit) = (options.target.endpoint.description, options.connectTimeout)
        let connected = connect(proxy.endpoint, bootstrap) { channel in
            try channel.pipeline.syncOperations.addHandler(
                ProxyTunnel(to: authority, through: proxy, limit: limit, opened))
        }
        connected.whenFailure { opened.fail($0) }
        return connected.flatMap { channel in
            opened.futureResult.flatMapThrowing {
                try addHandlers(channel)
                return channel
            }
        }
    }

    private func connect(
        _ endpoint: Endpoint, _ bootstrap: ClientBootstrap,
        _ initializer: @escaping @Sendable (any Channel) throws -> Void
    ) -> EventLoopFuture<any Channel> {
        let bootstrap = bootstrap.channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture { try initializer(channel) }
        }
        switch endpoint {
        case .unix(let path): return bootstrap.connect(unixDomainSocketPath: path)
        case .tcp(let host, let port):
            return bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .connect(host: host, port: port)
        }
    }
}
