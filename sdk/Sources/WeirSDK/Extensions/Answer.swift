/// What a server answered, kept beyond the handler's return.
public struct Answer: Sendable {
    /// The HTTP status.
    public var code: UInt32
    public var contentType: String
    public var body: [UInt8]
    /// Names in lower case.
    public var headers: [Header]
    /// From Retry-After.
    public var retryAfter: Duration?

    init(_ reply: borrowing Reply) {
        code = reply.code
        contentType = reply.contentType
        body = unsafe reply.body.withUnsafeBytes { unsafe Array($0) }
        headers = reply.headers
        retryAfter = reply.retryAfter
    }

    /// The first header of this lower-case name.
    public func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}
