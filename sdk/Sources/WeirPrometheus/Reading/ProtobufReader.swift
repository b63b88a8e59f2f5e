import WeirTelemetry

/// Reads `io.prometheus.client.MetricFamily` messages, each preceded by its length.
struct ProtobufReader: ~Escapable {
    private let bytes: RawSpan
    private var reader: WireReader

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) {
        self.bytes = bytes
        reader = WireReader(bytes)
    }

    /// The content of the next message; `nil` at the end.
    @_lifetime(self: copy self)
    mutating func next() throws(ExpositionError) -> Range<Int>? {
        let start = reader.position
        guard start < bytes.byteCount else { return nil }
        guard let range = reader.readRange() else {
            throw .protobuf("a length that the exposition does not have", at: start)
        }
        return range
    }
}

extension ExpositionError {
    static func protobuf(_ found: String, in family: String? = nil, at offset: Int = 0) -> Self {
        let place = family.map { " in metric family \($0)" } ?? ", at byte \(offset)"
        return ExpositionError(
            .syntax,
            "found \(found)\(place), expected io.prometheus.client.MetricFamily messages, "
                + "each after its length", offset: offset)
    }
}

/// What is said of a family, whatever the order of its fields.
struct ProtobufFamily: ~Escapable {
    let content: RawSpan
    private var nameRange = 0..<0
    private var helpRange = 0..<0
    private var unitRange = 0..<0
    private(set) var type: UInt64 = 0

    @_lifetime(copy content)
    init(_ content: RawSpan, at offset: Int) throws(ExpositionError) {
        self.content = content
        var reader = WireReader(content)
        var isWhole = true
        while isWhole, let tag = reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (1, .bytes): isWhole = reader.read(&nameRange)
            case (2, .bytes): isWhole = reader.read(&helpRange)
            case (3, .varint):
                let value = reader.readVarint()
                type = value ?? 0
                isWhole = value != nil
            case (5, .bytes): isWhole = reader.read(&unitRange)
            default: isWhole = reader.skip(tag)
            }
        }
        guard isWhole, reader.isAtEnd else { throw .protobuf("malformed bytes", at: offset) }
        guard name.byteCount > 0 else {
            throw .protobuf("a metric family without a name", at: offset)
        }
        guard name.isUTF8(0..<name.byteCount), help.isUTF8(0..<help.byteCount),
            unit.isUTF8(0..<unit.byteCount)
        else { throw .protobuf("a name, help or unit that is not UTF-8", at: offset) }
        guard type <= 5 else {
            throw .protobuf("the unknown metric type \(type)", in: nameText, at: offset)
        }
    }

    var name: RawSpan {
        @_lifetime(copy self) get { content.part(nameRange) }
    }
    var help: RawSpan {
        @_lifetime(copy self) get { content.part(helpRange) }
    }
    var unit: RawSpan {
        @_lifetime(copy self) get { content.part(unitRange) }
    }

    var nameText: String { UTF8Text(name).string }

    var metricType: MetricType { Self.type(type) }

    static func type(_ number: UInt64) -> MetricType {
        switch number {
        case 0: .counter
        case 1: .gauge
        case 2: .summary
        case 4: .histogram
        case 5: .gaugeHistogram
        default: .unknown
        }
    }
}

extension WireReader {
    /// Reads the place of a length-delimited value into `range`; `false` where it is malformed.
    @_lifetime(self: copy self)
    mutating func read(_ range: inout Range<Int>) -> Bool {
        guard let value = readRange() else { return false }
        range = value
        return true
    }
}

/// Reads the numbers of messages as small as `Gauge` and `google.protobuf.Timestamp`.
enum ProtobufValue {
    /// Whether the value of a metric is well-formed, and so are the messages in it.
    static func isWhole(_ value: RawSpan, of type: MetricType) -> Bool {
        switch type {
        // Exemplar and created_timestamp.
        case .counter: isWhole(value, messages: [2, 3])
        // Quantiles and created_timestamp.
        case .summary: isWhole(value, messages: [3, 4])
        // Buckets, spans, created_timestamp, exemplars.
        case .histogram, .gaugeHistogram: isWhole(value, messages: [3, 9, 12, 15, 16])
        default: isWhole(value, messages: [])
        }
    }

    private static func isWhole(_ message: RawSpan, messages: [Int]) -> Bool {
        var reader = WireReader(message)
        while let tag = reader.nextTag() {
            if tag.wireType == .bytes, messages.contains(tag.number) {
                guard let inner = reader.readBytes(), isWhole(inner, messages: []) else {
                    return false
                }
            } else {
                guard reader.skip(tag) else { return false }
            }
        }
        return reader.isAtEnd
    }

    /// The double in a field.
    static func double(_ number: Int, in message: RawSpan) -> Double {
        var value = 0.0
        var reader = WireReader(message)
        while let tag = reader.nextTag() {
            if tag.number == number, tag.wireType == .fixed64 {
                value = reader.readDouble() ?? value
            } else {
                guard reader.skip(tag) else { break }
            }
        }
        return value
    }

    /// A `Timestamp` in nanoseconds since 1970; 0 if it is before that or out of range.
    static func timestamp(_ message: RawSpan) -> Int64 {
        var seconds: Int64 = 0
        var nanoseconds: Int64 = 0
        var reader = WireReader(message)
        while let tag = reader.nextTag() {
            if tag.wireType == .varint {
                let value = Int64(bitPattern: reader.readVarint() ?? 0)
                if tag.number == 1 { seconds = value }
                if tag.number == 2 { nanoseconds = value }
            } else {
                guard reader.skip(tag) else { break }
            }
        }
        guard seconds >= 0, seconds < 9_000_000_000, nanoseconds >= 0, nanoseconds < 1_000_000_000
        else { return 0 }
        return seconds * 1_000_000_000 + nanoseconds
    }

    /// The labels of repeated `LabelPair` fields.
    static func labels(_ fields: RawSpan, field: Int = 1) -> [Label] {
        var labels: [Label] = []
        var reader = WireReader(fields)
        while let tag = reader.nextTag() {
            guard tag.number == field, tag.wireType == .bytes else {
                guard reader.skip(tag) else { break }
                continue
            }
            guard let pair = reader.readBytes() else { break }
            labels.append(Label(text(1, in: pair), text(2, in: pair)))
        }
        return labels
    }

    /// The length-delimited text that stands next; empty if there is none.
    static func text(_ reader: inout WireReader) -> String {
        guard let bytes = reader.readBytes() else { return "" }
        return UTF8Text(bytes).string
    }

    private static func text(_ number: Int, in message: RawSpan) -> String {
        var text = ""
        var reader = WireReader(message)
        while let tag = reader.nextTag() {
            if tag.number == number, tag.wireType == .bytes {
                guard let bytes = reader.readBytes() else { break }
                text = UTF8Text(bytes).string
            } else {
                guard reader.skip(tag) else { break }
            }
        }
        return text
    }
}
