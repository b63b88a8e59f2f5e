import CWeir
public import WeirSDK

/// A request that the component under test sent.
public struct SentRequest: Sendable {
    public var protocols: Protocols
    /// The settings with which the client was opened, as JSON.
    public var settings: String
    public var method: String
    public var path: String
    public var headers: [Header]
    public var body: [UInt8]
    public var deadline: Deadline
    /// The largest body that the component wants; `nil`: it did not say.
    public var maxBody: Int? = nil
    public var acceptsCompressed = false
    /// Whether the component takes the body in chunks.
    public var isStreamed = false
}

/// What the other side answers.
public struct FakeReply: Sendable {
    /// No answer came, for this reason.
    public var failure: ComponentError?
    public var code: UInt32
    public var retryAfter: Duration?
    public var message: String
    public var contentType: String
    public var body: [UInt8]
    public var headers: [Header]
    public var wasNotProcessed: Bool
    /// The body was over the limit.
    public var isTooLarge = false
    /// `nil`: as many as the body has.
    public var wireBytes: Int?

    public init(
        code: UInt32, body: [UInt8] = [], contentType: String = "", message: String = "",
        headers: [Header] = [], retryAfter: Duration? = nil, failure: ComponentError? = nil,
        wasNotProcessed: Bool = false
    ) {
        self.code = code
        self.body = body
        self.contentType = contentType
        self.message = message
        self.headers = headers
        self.retryAfter = retryAfter
        self.failure = failure
        self.wasNotProcessed = wasNotProcessed
    }

    /// No answer came.
    public static func failure(
        _ error: ComponentError, wasNotProcessed: Bool = false
    ) -> FakeReply {
        FakeReply(
            code: 0, message: error.message, failure: error, wasNotProcessed: wasNotProcessed)
    }
}

extension FakeReply {
    /// What the real host makes of an answer that is larger than the request allows.
    func limited(to maxBody: Int?) -> FakeReply {
        guard let maxBody, failure == nil, body.count > maxBody else { return self }
        var reply = FakeReply.failure(
            .refused("the answer of the fake server is larger than \(maxBody) bytes"))
        reply.isTooLarge = true
        return reply
    }

    func withRaw(_ body: (UnsafePointer<weir_reply>) -> Void) {
        unsafe withSlice(message) { message in
            unsafe withSlice(contentType) { contentType in
                unsafe self.body.withUnsafeBytes { bytes in
                    unsafe withHeaders(headers) { headers in
                        var raw = unsafe weir_reply(
                            size: UInt32(MemoryLayout<weir_reply>.size),
                            flags: (wasNotProcessed ? 1 : 0) | (isTooLarge ? 2 : 0),
                            status: failure?.status ?? Status.ok, code: code,
                            retry_after_ns: retryAfter?.clampedNanoseconds ?? 0,
                            message: message, content_type: contentType, body: weir_slice(bytes),
                            headers: headers.baseAddress, header_count: headers.count,
                            wire_bytes: UInt64(wireBytes ?? bytes.count))
                        unsafe body(&raw)
                    }
                }
            }
        }
    }
}
