import NIOCore

/// Reads which cipher the server chose from its ServerHello, which is never encrypted (RFC 8446,
/// 4.1.3), and passes all bytes on. It stays: one that goes while it passes bytes on loses them.
// Confined to its event loop.
final class ServerHelloReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// The number that IANA gave it.
    private(set) var cipher: UInt16?
    private var start = ByteBuffer()
    private var isDone = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !isDone {
            start.writeImmutableBuffer(unwrapInboundIn(data))
            cipher = Self.cipher(in: start)
            // A hello is short: whoever has none by then sends something else.
            isDone = cipher != nil || start.readableBytes > 4096
            if isDone { start = ByteBuffer() }
        }
        context.fireChannelRead(data)
    }

    static func cipher(in bytes: ByteBuffer) -> UInt16? {
        var bytes = bytes
        // Record: handshake (22), version, length; message: ServerHello (2), length, version, random.
        guard bytes.readInteger(as: UInt8.self) == 22, bytes.readBytes(length: 4) != nil,
            bytes.readInteger(as: UInt8.self) == 2, bytes.readBytes(length: 3 + 2 + 32) != nil,
            let session = bytes.readInteger(as: UInt8.self),
            bytes.readBytes(length: Int(session)) != nil
        else { return nil }
        return bytes.readInteger(as: UInt16.self)
    }
}

/// Names of IANA's registry for what BoringSSL can speak.
enum TLSCipherName {
    static func text(_ number: UInt16) -> String {
        names[number] ?? "0x" + String(number, radix: 16)
    }

    private static let names: [UInt16: String] = [
        0x1301: "TLS_AES_128_GCM_SHA256",
        0x1302: "TLS_AES_256_GCM_SHA384",
        0x1303: "TLS_CHACHA20_POLY1305_SHA256",
        0xC02B: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        0xC02C: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        0xC02F: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        0xC030: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        0xCCA8: "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        0xCCA9: "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        0xC009: "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
        0xC00A: "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
        0xC013: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
        0xC014: "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
        0xC027: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
        0x009C: "TLS_RSA_WITH_AES_128_GCM_SHA256",
        0x009D: "TLS_RSA_WITH_AES_256_GCM_SHA384",
        0x002F: "TLS_RSA_WITH_AES_128_CBC_SHA",
        0x0035: "TLS_RSA_WITH_AES_256_CBC_SHA",
    ]
}
