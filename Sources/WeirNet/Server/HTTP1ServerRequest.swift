import NIOCore

/// One HTTP/1.1 request, from its header until its answer is written.
final class HTTP1ServerRequest {
    let id: UInt32
    let head: RequestHead
    let encoding: ContentEncoding
    let isHead: Bool
    let isHTTP10: Bool
    /// Whether the client allows another request after this one.
    let keepsAlive: Bool
    /// What the header says that the body has; `nil` for a chunked one.
    let declaredBytes: Int?
    var body = ByteBuffer()
    var wireBytes = 0
    var reservation: (any AnyObject & Sendable)?
    var isReceiving = true
    /// The answer was decided before the body was in: what still comes is thrown away.
    var isDiscarding = false
    var isWritten = false
    /// Waits here until the requests before it have theirs.
    var answer: ServerAnswer?

    init(
        id: UInt32, head: RequestHead, encoding: ContentEncoding, declaredBytes: Int?, isHead: Bool,
        isHTTP10: Bool, keepsAlive: Bool
    ) {
        self.id = id
        self.head = head
        self.encoding = encoding
        self.declaredBytes = declaredBytes
        self.isHead = isHead
        self.isHTTP10 = isHTTP10
        self.keepsAlive = keepsAlive
    }

    /// Adds a piece of the body. One that is the whole body and fills the storage that it was read
    /// into by half is kept as it is; otherwise the body gets storage of its own.
    func append(_ piece: ByteBuffer) {
        if body.readableBytes == 0 {
            if piece.readableBytes == declaredBytes,
                piece.readableBytes * 2 >= piece.storageCapacity
            {
                body = piece
                return
            }
            let expected = declaredBytes ?? piece.readableBytes
            body.reserveCapacity(
                max(piece.readableBytes, min(expected, GRPCMessageReader.firstReservation)))
        }
        body.writeImmutableBuffer(piece)
    }
}
