import NIOCore
import NIOSSL
import NIOTLS

/// One handshake of TLS on a stream: what was said in it, and what came of it.
// Confined to its event loop; made elsewhere and handed over before it begins.
final class StreamHandshake: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer

    private let options: ClientTLSOptions
    private let name: String?
    private let target: String
    private let promise: EventLoopPromise<StreamTLSReport>
    private let hello = ServerHelloReader()
    private var seen: [NIOSSLCertificate] = []
    /// The first certificate that was not accepted.
    private var rejected: NIOSSLCertificate?

    init(
        _ options: ClientTLSOptions, name: String?, target: String,
        _ promise: EventLoopPromise<StreamTLSReport>
    ) {
        self.options = options
        self.name = name
        self.target = target
        self.promise = promise
    }

    /// On the channel's event loop.
    func begin(on channel: any Channel, _ context: NIOSSLContext, after inbox: StreamInbox) {
        do {
            let pipeline = channel.pipeline.syncOperations
            guard inbox.isEmpty else {
                throw NetError(
                    .protocolViolation,
                    "\(target) sent more before TLS than was asked for: somebody may be in between")
            }
            // Addresses are not announced; their certificates are checked by the address.
            let isAddress = name.map { (try? SocketAddress(ipAddress: $0, port: 0)) != nil }
            let announced = isAddress == false ? name : nil
            let handler = try VerifiedTLS.handler(context, announced) { result, certificate in
                self.look(at: certificate, result)
            }
            try pipeline.addHandlers([hello, handler, self], position: .first)
        } catch {
            promise.fail(NetError(streamTo: target, error))
        }
    }

    private func look(
        at certificate: NIOSSLCertificate, _ result: NIOSSLVerificationResult
    ) -> NIOSSLVerificationResult {
        if !seen.contains(certificate), seen.count < 32 { seen.append(certificate) }
        if result == .failed, rejected == nil { rejected = certificate }
        return options.insecureSkipVerify ? .certificateVerified : result
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent {
            promise.succeed(report(context))
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(failure(error))
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(
            NetError(
                .tls,
                "TLS with \(target) failed: it closed the connection during the handshake: does "
                    + "this port speak TLS?"))
        context.fireChannelInactive()
    }

    private func report(_ context: ChannelHandlerContext) -> StreamTLSReport {
        let pipeline = context.pipeline.syncOperations
        var report = StreamTLSReport()
        report.version =
            switch try? pipeline.nioSSL_tlsVersion() {
            case .tlsv1: "TLS 1.0"
            case .tlsv11: "TLS 1.1"
            case .tlsv12: "TLS 1.2"
            case .tlsv13: "TLS 1.3"
            default: ""
            }
        report.cipher = hello.cipher.map(TLSCipherName.text) ?? ""
        let leaf = try? pipeline.nioSSL_peerCertificate()
        let chain = CertificateChain(leaf: leaf, others: seen)
        report.certificates = chain.certificates.map(\.der)
        report.problem = chain.problem(rejected: rejected, name: name, address: target) ?? ""
        report.isVerified = report.problem.isEmpty
        return report
    }

    private func failure(_ error: any Error) -> NetError {
        let chain = CertificateChain(leaf: seen.last, others: seen)
        let text = "\(error)"
        let isRejected =
            text.contains("CERTIFICATE_VERIFY_FAILED") || text.contains("ValidateHostname")
            || text.contains("unableToValidate")
        if isRejected, let problem = chain.problem(rejected: rejected, name: name, address: target)
        {
            return NetError(
                .tls, "TLS with \(target) failed: its certificate is not trusted: \(problem)",
                isSafeToRetry: true)
        }
        return NetError(streamTo: target, error)
    }

    /// The other side went without TLS's goodbye, as many servers do.
    static func isUncleanEnd(_ error: any Error) -> Bool {
        guard let error = error as? NIOSSLError, case .uncleanShutdown = error else { return false }
        return true
    }
}

/// A client's handler of TLS that shows each certificate with the verdict on it.
///
/// The callback is the only one that leaves the verification to BoringSSL; NIOSSL counsels against
/// it because it is hard to use for verifying, which is not what is done here.
private enum VerifiedTLS: TLSHandlerMaking {
    static func handler(
        _ context: NIOSSLContext, _ name: String?, _ callback: @escaping NIOSSLVerificationCallback
    ) throws -> NIOSSLClientHandler {
        let maker: any TLSHandlerMaking.Type = Self.self
        return try maker.make(context, name, callback)
    }

    @available(*, deprecated)
    static func make(
        _ context: NIOSSLContext, _ name: String?, _ callback: @escaping NIOSSLVerificationCallback
    ) throws -> NIOSSLClientHandler {
        try NIOSSLClientHandler(
            context: context, serverHostname: name, verificationCallback: callback)
    }
}

private protocol TLSHandlerMaking {
    static func make(
        _ context: NIOSSLContext, _ name: String?, _ callback: @escaping NIOSSLVerificationCallback
    ) throws -> NIOSSLClientHandler
}
