/// A log record; its scalar fields are read once, when the view is made.
@frozen
public struct LogRecordView: MessageView, ~Escapable {
    public let bytes: RawSpan
    public var timeUnixNano: UInt64 = 0
    public var observedTimeUnixNano: UInt64 = 0
    /// 1 to 24; 0 where the sender gave none.
    public var severityNumber: Int32 = 0
    public var severityText: UTF8Text
    /// The body; of several occurrences the last.
    public var body: AnyValueView
    /// Whether there is a body at all, be it empty.
    public var hasBody = false
    public var flags: UInt32 = 0
    public var droppedAttributesCount: UInt32 = 0
    /// 16 bytes, or none.
    public var traceID: RawSpan
    /// 8 bytes, or none.
    public var spanID: RawSpan
    public var eventName: UTF8Text

    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
        let empty = unsafe bytes.extracting(unchecked: 0..<0)
        severityText = UTF8Text(empty)
        body = AnyValueView(empty)
        traceID = empty
        spanID = empty
        eventName = UTF8Text(empty)
        var reader = WireReader(bytes)
        while let tag = reader.nextTag() {
            switch tag.wireType {
            case .bytes:
                guard let content = reader.readBytes() else { return }
                switch tag.number {
                case 3: severityText = UTF8Text(content)
                case 5:
                    body = AnyValueView(content)
                    hasBody = true
                case 9: traceID = content
                case 10: spanID = content
                case 12: eventName = UTF8Text(content)
                default: break
                }
            case .varint:
                guard let value = reader.readVarint() else { return }
                if tag.number == 2 { severityNumber = Int32(truncatingIfNeeded: value) }
                if tag.number == 7 { droppedAttributesCount = UInt32(truncatingIfNeeded: value) }
            case .fixed64:
                guard let value = reader.readFixed64() else { return }
                if tag.number == 1 { timeUnixNano = value }
                if tag.number == 11 { observedTimeUnixNano = value }
            case .fixed32:
                guard let value = reader.readFixed32() else { return }
                if tag.number == 8 { flags = value }
            }
        }
    }

    @inlinable
    public var attributes: Repeated<KeyValueView> {
        @_lifetime(copy self) get { Repeated(bytes, number: 6) }
    }
}
