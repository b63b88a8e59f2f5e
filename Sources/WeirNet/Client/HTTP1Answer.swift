import NIOCore
import NIOHTTP1

/// An answer as it comes in over HTTP/1.1.
struct HTTP1Answer {
    let head: HTTPResponseHead
    /// Where the body goes piece by piece.
    let onChunk: (@Sendable (ByteBuffer) -> Void)?
    /// `content-encoding`, if it has one.
    let encoding: String?
    private let limit: Int?
    private var body = ByteBuffer()
    private var wireBytes = 0

    /// What may be unpacked at most, where nobody said how much.
    static let defaultUnpacked = 64 << 20
    /// What a length that is announced reserves at once.
    private static let maxReservation = 1 << 20

    init(_ head: HTTPResponseHead, _ call: ClientCall, limit: Int?) {
        self.head = head
        let encoding = head.headers.first(name: "content-encoding")
        self.encoding = encoding == "identity" ? nil : encoding
        let isGood = (200..<300).contains(head.status.code)
        onChunk = isGood ? call.request.onChunk : nil
        let isStreamed = onChunk != nil && self.encoding == nil
        self.limit =
            isStreamed ? limit : min(limit ?? Self.defaultUnpacked, ClientLoop.maxWhole)
        if !isStreamed, let announced, announced > 0, announced <= self.limit ?? 0 {
            body.reserveCapacity(min(announced, Self.maxReservation))
        }
    }

    private var announced: Int? {
        head.headers.first(name: "content-length").flatMap { Int($0) }
    }

    /// The limit, if the length that is announced is over it.
    var announcedOver: Int? { limit.flatMap { (announced ?? 0) > $0 ? $0 : nil } }

    /// The limit, if these bytes are over it. What is compressed is not larger than what it is of.
    func over(by bytes: ByteBuffer) -> Int? {
        limit.flatMap { wireBytes + bytes.readableBytes > $0 ? $0 : nil }
    }

    /// Takes a piece of the body. It is kept, or to be given to what is returned: not from within,
    /// because that may withdraw the request and end the connection, and this answer with it.
    mutating func take(_ bytes: ByteBuffer) -> (@Sendable (ByteBuffer) -> Void)? {
        wireBytes += bytes.readableBytes
        if encoding == nil, let onChunk { return onChunk }
        body.writeImmutableBuffer(bytes)
        return nil
    }

    var response: ClientResponse {
        var response = ClientResponse(
            status: Int(head.status.code), headers: MessageHeaders(head.headers), body: body)
        response.wireBytes = wireBytes
        return response
    }
}
