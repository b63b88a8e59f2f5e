import NIOCore

/// Looks at the first bytes of a server for the signs of another protocol.
final class ServerFirstBytes: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let version: ClientOptions.Version
    private let target: String

    init(expects version: ClientOptions.Version, target: String) {
        self.version = version
        self.target = target
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if let error = Self.mismatch(bytes, version, target) {
            context.fireErrorCaught(error)
            context.close(promise: nil)
            return
        }
        context.fireChannelRead(data)
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    static func mismatch(
        _ bytes: ByteBuffer, _ version: ClientOptions.Version, _ target: String
    ) -> NetError? {
        let view = bytes.readableBytesView
        if view.starts(with: [0x15, 0x03]) || view.starts(with: [0x16, 0x03]) {
            return NetError(
                .protocolMismatch,
                "\(target) speaks TLS: use an https:// endpoint or set insecure: false",
                isSafeToRetry: true)
        }
        if version != .http1, view.starts(with: "HTTP/1".utf8) {
            return NetError(
                .protocolMismatch,
                "\(target) answered HTTP/1.1 where HTTP/2 was expected: is this an HTTP port (4318)? For OTLP over HTTP use the otlphttp sink",
                isSafeToRetry: true)
        }
        // A SETTINGS frame: length, type 4, no flags, stream 0.
        if version == .http1, view.count >= 9, view.dropFirst(3).starts(with: [4, 0, 0, 0, 0, 0]) {
            return NetError(
                .protocolMismatch,
                "\(target) answered HTTP/2 where HTTP/1.1 was expected: is this a gRPC port (4317)? For OTLP over gRPC use the otlp sink",
                isSafeToRetry: true)
        }
        return nil
    }
}
