import CWeir

/// What came back for a request. Valid until the handler returns.
@safe public struct Reply: ~Copyable {
    private let raw: UnsafePointer<weir_reply>

    init(_ raw: UnsafePointer<weir_reply>) {
        unsafe self.raw = raw
    }

    /// Why no answer came; `nil` if one did, and `code` says which.
    public var failure: ComponentError? {
        let status = unsafe raw.pointee.status
        if status == Status.ok { return nil }
        return ComponentError(
            status: status, message: message, retryAfter: retryAfter ?? .zero)
    }

    /// HTTP status or ``GRPCCode``.
    public var code: UInt32 { unsafe raw.pointee.code }

    /// From Retry-After or RetryInfo.
    public var retryAfter: Duration? {
        let delay = unsafe raw.pointee.retry_after_ns
        return delay == 0 ? nil : Duration(nanosecondCount: delay)
    }

    /// The other side certainly did nothing with the request.
    public var wasNotProcessed: Bool { unsafe raw.pointee.flags & UInt32(1) != 0 }

    /// The body was over the limit: see `maxBody` of ``Client/send``.
    public var isTooLarge: Bool { unsafe raw.pointee.flags & UInt32(2) != 0 }

    /// How many bytes the body had on the wire: compressed, if it was.
    public var wireBytes: Int { unsafe Int(clamping: raw.pointee.wire_bytes) }

    /// gRPC: the status message. Without an answer: why there is none.
    public var message: String { unsafe raw.pointee.message.string }
    public var contentType: String { unsafe raw.pointee.content_type.string }

    /// The body, borrowed from this reply.
    public var body: RawSpan {
        @_lifetime(borrow self)
        get {
            unsafe _overrideLifetime(RawSpan(_unsafeBytes: raw.pointee.body.bytes), borrowing: self)
        }
    }

    /// All headers, their names in lower case.
    public var headers: [Header] {
        unsafe (0..<raw.pointee.header_count).map {
            let header = unsafe raw.pointee.headers[$0]
            return unsafe Header(header.name.string, header.value.string)
        }
    }

    /// A header by lower-case name.
    public func header(_ name: String) -> String? {
        for index in unsafe 0..<raw.pointee.header_count {
            let header = unsafe raw.pointee.headers[index]
            if unsafe header.name.string == name { return unsafe header.value.string }
        }
        return nil
    }
}
