/// A whole request of any signal: the entries of `resource_spans` and its siblings.
@frozen
public struct RequestView: ~Escapable {
    public let bytes: RawSpan

    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
    }

    @inlinable
    public var resources: Repeated<ResourceGroupView> {
        @_lifetime(copy self) get { Repeated(bytes, number: 1) }
    }
}

/// `ResourceSpans`, `ResourceMetrics` or `ResourceLogs`: the three have the same fields.
@frozen
public struct ResourceGroupView: MessageView, ~Escapable {
    public let bytes: RawSpan

    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
    }

    @inlinable
    public var resource: ResourceView {
        @_lifetime(copy self) get { ResourceView(group: bytes) }
    }

    @inlinable
    public var scopes: Repeated<ScopeGroupView> {
        @_lifetime(copy self) get { Repeated(bytes, number: 2) }
    }

    public var schemaURL: UTF8Text {
        @_lifetime(copy self) get { UTF8Text(lastBytes(of: 3, in: bytes)) }
    }
}

/// `ScopeSpans`, `ScopeMetrics` or `ScopeLogs`: the three have the same fields, and the caller
/// reads the children as what the signal says they are.
@frozen
public struct ScopeGroupView: MessageView, ~Escapable {
    public let bytes: RawSpan

    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
    }

    @inlinable
    public var scope: ScopeView {
        @_lifetime(copy self) get { ScopeView(group: bytes) }
    }

    /// The children when the signal is traces.
    @inlinable
    public var spans: Repeated<SpanView> {
        @_lifetime(copy self) get { Repeated(bytes, number: 2) }
    }

    /// The children when the signal is metrics.
    @inlinable
    public var metrics: Repeated<MetricView> {
        @_lifetime(copy self) get { Repeated(bytes, number: 2) }
    }

    /// The children when the signal is logs.
    @inlinable
    public var logRecords: Repeated<LogRecordView> {
        @_lifetime(copy self) get { Repeated(bytes, number: 2) }
    }

    public var schemaURL: UTF8Text {
        @_lifetime(copy self) get { UTF8Text(lastBytes(of: 3, in: bytes)) }
    }
}

/// The resource of a group. Where it stands twice the two are merged: attributes of both.
@frozen
public struct ResourceView: ~Escapable {
    @usableFromInline let group: RawSpan

    @inlinable
    @_lifetime(copy group)
    init(group: RawSpan) {
        self.group = group
    }

    @inlinable
    public var attributes: Repeated<KeyValueView> {
        @_lifetime(copy self) get { Repeated(group, outer: 1, number: 1) }
    }

    public var droppedAttributesCount: UInt32 { lastVarint(of: 2, inside: 1, of: group) }
}

/// The instrumentation scope of a group. Where it stands twice the two are merged.
@frozen
public struct ScopeView: ~Escapable {
    @usableFromInline let group: RawSpan

    @inlinable
    @_lifetime(copy group)
    init(group: RawSpan) {
        self.group = group
    }

    public var name: UTF8Text {
        @_lifetime(copy self) get { UTF8Text(lastBytes(of: 1, inside: 1, of: group)) }
    }

    public var version: UTF8Text {
        @_lifetime(copy self) get { UTF8Text(lastBytes(of: 2, inside: 1, of: group)) }
    }

    @inlinable
    public var attributes: Repeated<KeyValueView> {
        @_lifetime(copy self) get { Repeated(group, outer: 1, number: 3) }
    }

    public var droppedAttributesCount: UInt32 { lastVarint(of: 4, inside: 1, of: group) }
}

/// The last occurrence of a string or message field; empty when there is none.
@_lifetime(copy bytes)
private func lastBytes(of number: Int, in bytes: RawSpan) -> RawSpan {
    var last = unsafe bytes.extracting(unchecked: 0..<0)
    var reader = WireReader(bytes)
    while let tag = reader.nextTag() {
        if tag.number == number, tag.wireType == .bytes {
            guard let content = reader.readBytes() else { break }
            last = content
        } else {
            guard reader.skip(tag) else { break }
        }
    }
    return last
}

@_lifetime(copy bytes)
private func lastBytes(of number: Int, inside outer: Int, of bytes: RawSpan) -> RawSpan {
    var last = unsafe bytes.extracting(unchecked: 0..<0)
    var values = Repeated<KeyValueView>(bytes, outer: outer, number: number)
    while let content = values.nextBytes() { last = content }
    return last
}

private func lastVarint(of number: Int, inside outer: Int, of bytes: RawSpan) -> UInt32 {
    var last: UInt64 = 0
    var messages = Repeated<KeyValueView>(bytes, number: outer)
    while let content = messages.nextBytes() {
        var values = NumericValues(content, number: number, isVarint: true)
        while let value = values.next() { last = value }
    }
    return UInt32(truncatingIfNeeded: last)
}
