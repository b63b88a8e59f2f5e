/// How far a scan follows what senders nest.
public struct ScanLimits: Sendable {
    /// How deep `AnyValue` may stand inside `AnyValue`. More than 1,000 is read as 1,000, because
    /// the scan recurses and its stack is finite.
    public var anyValueDepth: Int

    public init(anyValueDepth: Int = 100) {
        self.anyValueDepth = anyValueDepth
    }
}

/// What one scan learns about a request.
public struct ScanSummary: Sendable, Equatable {
    /// Spans, data points or log records.
    public var items = 0
    /// Entries of `resource_spans` and its siblings.
    public var resources = 0
    /// Some string is not UTF-8. Many receivers refuse a whole request for that, so take the
    /// record out with `removeInvalidRecords` before it joins others in a batch.
    public var hasInvalidUTF8 = false
    /// Some trace id is neither 16 nor 0 bytes long, or some span id neither 8 nor 0.
    public var hasInvalidID = false
    /// Some field is not part of OTLP as this library knows it.
    public var hasUnknownFields = false

    /// Whether `removeInvalidRecords` would take anything out.
    public var hasInvalidRecords: Bool { hasInvalidUTF8 || hasInvalidID }

    public init() {}
}
