import NIOCore
import NIOPosix
import NIOSSL

/// What never changes about a client, and how it opens a connection.
final class ClientShared: Sendable {
    let options: ClientOptions
    let tls: NIOSSLContext?
    let targetText: String
    let sniName: String?

    init(_ options: ClientOptions) throws(NetError) {
        self.options = options
        targetText = options.target.endpoint.description
        tls = options.usesTLS ? try options.tls.makeContext(options.version) : nil
        let name = options.tls.serverNameOverride ?? options.target.hostName
        // SNI does not allow addresses.
        let isAddress = (try? SocketAddress(ipAddress: name, port: 0)) != nil
        sniName = isAddress ? nil : name
    }

    /// Connects; `initializer` adds the handlers above TLS.
    func connect(
        on loop: any EventLoop, expects version: ClientOptions.Version,
        initializer: @escaping @Sendable (any Channel) throws -> Void
    ) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(options.connectTimeout)
            .channelOption(.maxMessagesPerRead, value: 4)
            .channelInitializer { [tls, sniName] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls {
                        try pipeline.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: sniName))
                    }
                    try pipeline.addHandler(
                        ServerFirstBytes(expects: version, target: self.targetText))
                    try initializer(channel)
                }
            }
        switch options.target.endpoint {
        case .unix(let path): return bootstrap.connect(unixDomainSocketPath: path)
        case .tcp(let host, let port):
            return bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .connect(host: host, port: port)
        }
    }
}

extension ClientTLSOptions {
    func makeContext(_ version: ClientOptions.Version) throws(NetError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = minVersion.nio
        configuration.applicationProtocols = version == .http1 ? ["http/1.1"] : ["h2"]
        if insecureSkipVerify { configuration.certificateVerification = .none }
        if let caFile {
            configuration.trustRoots = .certificates(
                try loading("ca_file", caFile) { try NIOSSLCertificate.fromPEMFile($0) })
        }
        if let certFile {
            configuration.certificateChain = try loading("cert_file", certFile) {
                try NIOSSLCertificate.fromPEMFile($0).map { .certificate($0) }
            }
        }
        if let keyFile {
            configuration.privateKey = .privateKey(
                try loading("key_file", keyFile) { try NIOSSLPrivateKey(file: $0, format: .pem) })
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw NetError(.tls, "the client's TLS options cannot be used together: \(error)")
        }
    }
}
