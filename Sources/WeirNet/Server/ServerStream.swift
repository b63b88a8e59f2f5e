import NIOCore

/// One request on an HTTP/2 connection, from its header to its answer.
final class ServerStream {
    enum Phase {
        /// gRPC, before the length of the message is known.
        case awaitingPrefix
        case receivingBody
        /// A gRPC call with a stream of messages.
        case streaming(ServerExchange)
        /// All is in; the answer is due.
        case complete
    }

    let id: UInt32
    let head: RequestHead
    let encoding: ContentEncoding
    var phase: Phase
    var reader = GRPCMessageReader()
    /// Of a gRPC message: the flag of its prefix.
    var isCompressed = false
    var body = ByteBuffer()
    var wireBytes = 0
    var reservation: (any AnyObject & Sendable)?

    /// For the slow client check: what came in this period, and whether the period is a whole one.
    var periodBytes = 0
    var hasSeenPeriodStart = false

    init(id: UInt32, head: RequestHead, encoding: ContentEncoding, phase: Phase) {
        self.id = id
        self.head = head
        self.encoding = encoding
        self.phase = phase
    }

    var isReceiving: Bool {
        if case .complete = phase { return false }
        return true
    }
}
