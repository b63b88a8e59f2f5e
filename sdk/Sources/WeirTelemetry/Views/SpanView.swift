/// A span; its scalar fields are read once, when the view is made.
@frozen
public struct SpanView: MessageView, ~Escapable {
    public let bytes: RawSpan
    /// 16 bytes, or none.
    public var traceID: RawSpan
    /// 8 bytes, or none.
    public var spanID: RawSpan
    /// 8 bytes, or none for a root span.
    public var parentSpanID: RawSpan
    public var traceState: UTF8Text
    public var name: UTF8Text
    public var kind: SpanKind = .unspecified
    public var startTimeUnixNano: UInt64 = 0
    public var endTimeUnixNano: UInt64 = 0
    public var flags: UInt32 = 0
    public var droppedAttributesCount: UInt32 = 0
    public var droppedEventsCount: UInt32 = 0
    public var droppedLinksCount: UInt32 = 0
    /// Of two occurrences of `status` the merge.
    public var status: StatusView

    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
        let empty = unsafe bytes.extracting(unchecked: 0..<0)
        traceID = empty
        spanID = empty
        parentSpanID = empty
        traceState = UTF8Text(empty)
        name = UTF8Text(empty)
        status = StatusView(empty)
        var reader = WireReader(bytes)
        while let tag = reader.nextTag() {
            switch tag.wireType {
            case .bytes:
                guard let content = reader.readBytes() else { return }
                switch tag.number {
                case 1: traceID = content
                case 2: spanID = content
                case 3: traceState = UTF8Text(content)
                case 4: parentSpanID = content
                case 5: name = UTF8Text(content)
                case 15: status.merge(content)
                default: break
                }
            case .varint:
                guard let value = reader.readVarint() else { return }
                switch tag.number {
                case 6: kind = SpanKind(rawValue: Int32(truncatingIfNeeded: value))
                case 10: droppedAttributesCount = UInt32(truncatingIfNeeded: value)
                case 12: droppedEventsCount = UInt32(truncatingIfNeeded: value)
                case 14: droppedLinksCount = UInt32(truncatingIfNeeded: value)
                default: break
                }
            case .fixed64:
                guard let value = reader.readFixed64() else { return }
                if tag.number == 7 { startTimeUnixNano = value }
                if tag.number == 8 { endTimeUnixNano = value }
            case .fixed32:
                guard let value = reader.readFixed32() else { return }
                if tag.number == 16 { flags = value }
            }
        }
    }

    @inlinable
    public var attributes: Repeated<KeyValueView> {
        @_lifetime(copy self) get { Repeated(bytes, number: 9) }
    }

    @inlinable
    public var events: Repeated<EventView> {
        @_lifetime(copy self) get { Repeated(bytes, number: 11) }
    }

    @inlinable
    public var links: Repeated<LinkView> {
        @_lifetime(copy self) get { Repeated(bytes, number: 13) }
    }
}

/// The outcome of a span.
@frozen
public struct StatusView: ~Escapable {
    public var code: StatusCode = .unset
    public var message: UTF8Text

    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        message = unsafe UTF8Text(bytes.extracting(unchecked: 0..<0))
        merge(bytes)
    }

    @inlinable
    @_lifetime(self: copy self, copy bytes)
    mutating func merge(_ bytes: RawSpan) {
        var reader = WireReader(bytes)
        while let tag = reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (2, .bytes):
                guard let content = reader.readBytes() else { return }
                message = UTF8Text(content)
            case (3, .varint):
                guard let value = reader.readVarint() else { return }
                code = StatusCode(rawValue: Int32(truncatingIfNeeded: value))
            default:
                guard reader.skip(tag) else { return }
            }
        }
    }
}

/// Something that happened during a span.
@frozen
public struct EventView: MessageView, ~Escapable {
    public let bytes: RawSpan
    public var timeUnixNano: UInt64 = 0
    public var name: UTF8Text
    public var droppedAttributesCount: UInt32 = 0

    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
        name = unsafe UTF8Text(bytes.extracting(unchecked: 0..<0))
        var reader = WireReader(bytes)
        while let tag = reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (1, .fixed64):
                guard let value = reader.readFixed64() else { return }
                timeUnixNano = value
            case (2, .bytes):
                guard let content = reader.readBytes() else { return }
                name = UTF8Text(content)
            case (4, .varint):
                guard let value = reader.readVarint() else { return }
                droppedAttributesCount = UInt32(truncatingIfNeeded: value)
            default:
                guard reader.skip(tag) else { return }
            }
        }
    }

    @inlinable
    public var attributes: Repeated<KeyValueView> {
        @_lifetime(copy self) get { Repeated(bytes, number: 3) }
    }
}

/// A reference to another span.
@frozen
public struct LinkView: MessageView, ~Escapable {
    public let bytes: RawSpan
    public var traceID: RawSpan
    public var spanID: RawSpan
    public var traceState: UTF8Text
    public var flags: UInt32 = 0
    public var droppedAttributesCount: UInt32 = 0

    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
        let empty = unsafe bytes.extracting(unchecked: 0..<0)
        traceID = empty
        spanID = empty
        traceState = UTF8Text(empty)
        var reader = WireReader(bytes)
        while let tag = reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (1...3, .bytes):
                guard let content = reader.readBytes() else { return }
                if tag.number == 1 { traceID = content }
                if tag.number == 2 { spanID = content }
                if tag.number == 3 { traceState = UTF8Text(content) }
            case (5, .varint):
                guard let value = reader.readVarint() else { return }
                droppedAttributesCount = UInt32(truncatingIfNeeded: value)
            case (6, .fixed32):
                guard let value = reader.readFixed32() else { return }
                flags = value
            default:
                guard reader.skip(tag) else { return }
            }
        }
    }

    @inlinable
    public var attributes: Repeated<KeyValueView> {
        @_lifetime(copy self) get { Repeated(bytes, number: 4) }
    }
}
