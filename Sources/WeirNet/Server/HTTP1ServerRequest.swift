import NIOCore
import NIOHTTP1

/// One HTTP/1.1 request, from its header until its answer is written.
final class HTTP1ServerRequest {
    let id: UInt32
    let head: RequestHead
    let encoding: ContentEncoding
    let isHead: Bool
    let isHTTP10: Bool
    /// Whether the client allows another request after this one.
    let keepsAlive: Bool
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
        id: UInt32, head: RequestHead, encoding: ContentEncoding, isHead: Bool, isHTTP10: Bool,
        keepsAlive: Bool
    ) {
        self.id = id
        self.head = head
        self.encoding = encoding
        self.isHead = isHead
        self.isHTTP10 = isHTTP10
        self.keepsAlive = keepsAlive
    }
}
