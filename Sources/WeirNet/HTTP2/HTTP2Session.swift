import NIOCore
import NIOHPACK

/// What a connection's frames mean: the streams of a server or of a client.
///
/// All calls come on the connection's event loop.
protocol HTTP2Session: AnyObject {
    func started(_ transport: any HTTP2Transport)
    func received(headers: HTTP2HeaderBlock, stream: UInt32, endStream: Bool)
    /// Only the readable bytes are meant; they need not be used up.
    func received(data: inout ByteBuffer, stream: UInt32, endStream: Bool)
    func received(reset code: HTTP2Code, stream: UInt32)
    func received(goAway lastStream: UInt32, code: HTTP2Code, text: String)
    func received(maxConcurrentStreams: Int)
    func receivedPingAnswer()
    /// The end of a burst of reads.
    func readComplete()
    /// Nothing more will come or go.
    func closed(_ error: NetError?)
}

/// The frames of one connection. All calls on its event loop.
protocol HTTP2Transport: AnyObject {
    var eventLoop: any EventLoop { get }
    var channel: any Channel { get }
    func write(headers: HTTP2HeaderList, stream: UInt32, endStream: Bool)
    func write(data: ByteBuffer, stream: UInt32, endStream: Bool)
    /// A body in parts, which are sent as they are and not joined.
    func write(parts: [ByteBuffer], stream: UInt32, endStream: Bool)
    func write(reset code: HTTP2Code, stream: UInt32)
    func write(goAwayAfter lastStream: UInt32, code: HTTP2Code, text: String)
    func writePing()
    func flush()
    /// Closes when everything that has been written has left.
    func close()
    /// Closes at once.
    func abort()
}

/// A header list to send; one object for all messages that have the same list.
final class HTTP2HeaderList: Sendable {
    let headers: HPACKHeaders
    init(_ headers: HPACKHeaders) { self.headers = headers }
}

/// The error codes of RFC 9113, section 7.
struct HTTP2Code: Hashable, Sendable, CustomStringConvertible {
    var rawValue: UInt32

    static let noError = HTTP2Code(rawValue: 0)
    static let protocolError = HTTP2Code(rawValue: 1)
    static let internalError = HTTP2Code(rawValue: 2)
    static let flowControlError = HTTP2Code(rawValue: 3)
    static let settingsTimeout = HTTP2Code(rawValue: 4)
    static let streamClosed = HTTP2Code(rawValue: 5)
    static let frameSizeError = HTTP2Code(rawValue: 6)
    static let refusedStream = HTTP2Code(rawValue: 7)
    static let cancel = HTTP2Code(rawValue: 8)
    static let compressionError = HTTP2Code(rawValue: 9)
    static let enhanceYourCalm = HTTP2Code(rawValue: 11)

    private static let names = [
        "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT",
        "STREAM_CLOSED", "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR",
        "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
    ]

    var description: String {
        rawValue < UInt32(Self.names.count) ? Self.names[Int(rawValue)] : "code \(rawValue)"
    }
}

/// What one side of a connection advertises.
struct HTTP2Limits: Sendable {
    var streamWindow: Int
    var connectionWindow: Int
    var maxFrameSize = 1 << 20
    var maxHeaderListBytes: Int
    var maxConcurrentStreams: Int
}
