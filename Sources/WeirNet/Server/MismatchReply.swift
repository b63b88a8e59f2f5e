import NIOCore

/// Tells a peer of the wrong protocol why, in its own protocol, and closes.
final class MismatchReply: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let reply: ByteBuffer

    init(_ reply: ByteBuffer) { self.reply = reply }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func handlerAdded(context: ChannelHandlerContext) {
        let context = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.value.writeAndFlush(wrapOutboundOut(reply)).whenComplete { _ in
            // The peer may still be sending; a reset would take the answer away from it.
            context.value.close(mode: .output, promise: nil)
            context.value.eventLoop.scheduleTask(in: .seconds(1)) {
                context.value.close(promise: nil)
            }
        }
    }

    static func http1(status: Int, _ text: String) -> ByteBuffer {
        let reason = HTTP1Text.reason(status)
        return ByteBuffer(
            string:
                "HTTP/1.1 \(status) \(reason)\r\ncontent-type: text/plain\r\nconnection: close\r\ncontent-length: \(text.utf8.count + 1)\r\n\r\n\(text)\n"
        )
    }

    /// An empty SETTINGS frame and a GOAWAY with the text in it.
    static func http2(_ text: String) -> ByteBuffer {
        var out = ByteBuffer(bytes: [0, 0, 0, 4, 0, 0, 0, 0, 0, 0])
        out.writeInteger(UInt16(8 + text.utf8.count))
        out.writeBytes([7, 0, 0, 0, 0, 0])
        out.writeInteger(UInt32(0))
        out.writeInteger(HTTP2Code.protocolError.rawValue)
        out.writeString(text)
        return out
    }

    /// A fatal alert, `unexpected_message`: what TLS stacks report as a plain protocol error.
    static var tls: ByteBuffer { ByteBuffer(bytes: [0x15, 3, 3, 0, 2, 2, 10]) }
}

/// Parts of HTTP/1.1 that are written as text.
enum HTTP1Text {
    /// The path and query of a request's target, which proxies may send as a whole URL.
    static func originForm(_ target: String) -> String {
        let start = target.prefix(8).lowercased()
        let scheme = start.hasPrefix("http://") ? 7 : start == "https://" ? 8 : 0
        guard scheme > 0 else { return target }
        let rest = target.utf8.dropFirst(scheme)
        guard let slash = rest.firstIndex(where: { $0 == 0x2F || $0 == 0x3F }) else { return "/" }
        return (rest[slash] == 0x3F ? "/" : "") + String(target[slash...])
    }

    static func reason(_ status: Int) -> String {
        switch status {
        case 200: return "OK"
        case 202: return "Accepted"
        case 204: return "No Content"
        case 400: return "Bad Request"
        case 401: return "Unauthorized"
        case 403: return "Forbidden"
        case 404: return "Not Found"
        case 405: return "Method Not Allowed"
        case 408: return "Request Timeout"
        case 411: return "Length Required"
        case 413: return "Content Too Large"
        case 415: return "Unsupported Media Type"
        case 429: return "Too Many Requests"
        case 431: return "Request Header Fields Too Large"
        case 500: return "Internal Server Error"
        case 501: return "Not Implemented"
        case 503: return "Service Unavailable"
        case 505: return "HTTP Version Not Supported"
        default: return status < 400 ? "OK" : "Error"
        }
    }
}
