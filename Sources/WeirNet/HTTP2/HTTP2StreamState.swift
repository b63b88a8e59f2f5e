import NIOCore

/// The transport's side of one stream: windows, ends, and what waits to be sent.
final class HTTP2StreamState {
    enum Output {
        case data([ByteBuffer], endStream: Bool)
        case headers(HTTP2HeaderList)
        case reset(HTTP2Code)
    }

    let id: UInt32
    /// What the peer may still send, and what it has sent since the last update.
    var receiveWindow: Int
    var consumed = 0
    var sendWindow: Int
    var hasReceivedHeaders = false
    var hasReceivedFinalHeaders = false
    var hasReceivedEnd = false
    var hasSentEnd = false
    var expectedLength: Int?
    var receivedLength = 0
    /// Waits for the peer's windows, in order.
    var outbox: [Output] = []

    init(id: UInt32, receiveWindow: Int, sendWindow: Int) {
        self.id = id
        self.receiveWindow = receiveWindow
        self.sendWindow = sendWindow
    }
}
