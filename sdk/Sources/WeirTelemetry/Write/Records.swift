/// A span to be written.
public struct SpanRecord: Sendable, Hashable {
    /// 16 bytes.
    public var traceID: [UInt8]
    /// 8 bytes.
    public var spanID: [UInt8]
    /// 8 bytes; none for a root span.
    public var parentSpanID: [UInt8] = []
    public var traceState = ""
    public var name: String
    public var kind = SpanKind.unspecified
    public var startTimeUnixNano: UInt64
    public var endTimeUnixNano: UInt64
    public var attributes: [Attribute] = []
    public var droppedAttributesCount: UInt32 = 0
    public var events: [Event] = []
    public var droppedEventsCount: UInt32 = 0
    public var links: [Link] = []
    public var droppedLinksCount: UInt32 = 0
    public var status = StatusCode.unset
    public var statusMessage = ""
    public var flags: UInt32 = 0

    public init(
        traceID: [UInt8], spanID: [UInt8], name: String, startTimeUnixNano: UInt64,
        endTimeUnixNano: UInt64
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.name = name
        self.startTimeUnixNano = startTimeUnixNano
        self.endTimeUnixNano = endTimeUnixNano
    }

    /// Something that happened during the span.
    public struct Event: Sendable, Hashable {
        public var timeUnixNano: UInt64
        public var name: String
        public var attributes: [Attribute]

        public init(_ name: String, timeUnixNano: UInt64, attributes: [Attribute] = []) {
            self.name = name
            self.timeUnixNano = timeUnixNano
            self.attributes = attributes
        }
    }

    /// A reference to another span.
    public struct Link: Sendable, Hashable {
        public var traceID: [UInt8]
        public var spanID: [UInt8]
        public var traceState = ""
        public var attributes: [Attribute] = []
        public var flags: UInt32 = 0

        public init(traceID: [UInt8], spanID: [UInt8]) {
            self.traceID = traceID
            self.spanID = spanID
        }
    }
}

/// A log record to be written.
public struct LogRecord: Sendable, Hashable {
    public var timeUnixNano: UInt64 = 0
    public var observedTimeUnixNano: UInt64 = 0
    /// 1 to 24; 0 for none.
    public var severityNumber: Int32 = 0
    public var severityText = ""
    public var body: AttributeValue?
    public var attributes: [Attribute] = []
    public var droppedAttributesCount: UInt32 = 0
    public var flags: UInt32 = 0
    public var traceID: [UInt8] = []
    public var spanID: [UInt8] = []
    public var eventName = ""

    public init(_ body: AttributeValue? = nil) {
        self.body = body
    }
}

extension RequestBuilder {
    /// Appends a span to the scope that was begun last.
    public mutating func span(_ span: SpanRecord) {
        precondition(signal == .traces, "a span in a request of \(signal.name)")
        beginRecord()
        countItem()
        bytes.appendMessage(2) { span.append(to: &$0) }
    }

    /// Appends a log record to the scope that was begun last.
    public mutating func logRecord(_ record: LogRecord) {
        precondition(signal == .logs, "a log record in a request of \(signal.name)")
        beginRecord()
        countItem()
        bytes.appendMessage(2) { record.append(to: &$0) }
    }

    /// Appends a record as it stands in another request: the content of a span, log record or
    /// metric view. `items` is what it counts for: 1, or the number of a metric's data points.
    public mutating func record(copying content: RawSpan, items: Int = 1) {
        beginRecord()
        for _ in 0..<items { countItem() }
        bytes.appendTag(2, .bytes)
        bytes.appendVarint(UInt64(content.byteCount))
        bytes.append(contentsOf: content)
    }
}

extension SpanRecord {
    func append(to bytes: inout [UInt8]) {
        bytes.appendNonEmpty(1, traceID)
        bytes.appendNonEmpty(2, spanID)
        bytes.appendNonEmpty(3, traceState)
        bytes.appendNonEmpty(4, parentSpanID)
        bytes.appendNonEmpty(5, name)
        bytes.appendNonZero(6, varint: UInt64(bitPattern: Int64(kind.rawValue)))
        bytes.appendField(7, fixed64: startTimeUnixNano)
        bytes.appendField(8, fixed64: endTimeUnixNano)
        bytes.appendAttributes(9, attributes)
        bytes.appendNonZero(10, varint: UInt64(droppedAttributesCount))
        for event in events {
            bytes.appendMessage(11) { message in
                message.appendField(1, fixed64: event.timeUnixNano)
                message.appendNonEmpty(2, event.name)
                message.appendAttributes(3, event.attributes)
            }
        }
        bytes.appendNonZero(12, varint: UInt64(droppedEventsCount))
        for link in links {
            bytes.appendMessage(13) { message in
                message.appendNonEmpty(1, link.traceID)
                message.appendNonEmpty(2, link.spanID)
                message.appendNonEmpty(3, link.traceState)
                message.appendAttributes(4, link.attributes)
                message.appendNonZero(6, fixed32: link.flags)
            }
        }
        bytes.appendNonZero(14, varint: UInt64(droppedLinksCount))
        if status != .unset || !statusMessage.isEmpty {
            bytes.appendMessage(15) { message in
                message.appendNonEmpty(2, statusMessage)
                message.appendNonZero(3, varint: UInt64(bitPattern: Int64(status.rawValue)))
            }
        }
        bytes.appendNonZero(16, fixed32: flags)
    }
}

extension LogRecord {
    func append(to bytes: inout [UInt8]) {
        bytes.appendNonZero(1, fixed64: timeUnixNano)
        bytes.appendNonZero(2, varint: UInt64(bitPattern: Int64(severityNumber)))
        bytes.appendNonEmpty(3, severityText)
        if let body { bytes.appendMessage(5) { body.append(to: &$0) } }
        bytes.appendAttributes(6, attributes)
        bytes.appendNonZero(7, varint: UInt64(droppedAttributesCount))
        bytes.appendNonZero(8, fixed32: flags)
        bytes.appendNonEmpty(9, traceID)
        bytes.appendNonEmpty(10, spanID)
        bytes.appendNonZero(11, fixed64: observedTimeUnixNano)
        bytes.appendNonEmpty(12, eventName)
    }
}
