/// An attribute: a key and its value.
@frozen
public struct KeyValueView: MessageView, ~Escapable {
    public let bytes: RawSpan
    public let key: UTF8Text
    /// The value; of several occurrences the last one, as AnyValue's `oneof` would have it (two
    /// lists are not joined: no writer splits one value).
    public let value: AnyValueView

    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
        var key = unsafe bytes.extracting(unchecked: 0..<0)
        var value = unsafe bytes.extracting(unchecked: 0..<0)
        var reader = WireReader(bytes)
        while let tag = reader.nextTag() {
            if tag.number <= 2, tag.wireType == .bytes {
                guard let content = reader.readBytes() else { break }
                if tag.number == 1 { key = content } else { value = content }
            } else {
                guard reader.skip(tag) else { break }
            }
        }
        self.key = UTF8Text(key)
        self.value = AnyValueView(value)
    }
}

/// A value of one of seven kinds, or none.
@frozen
public struct AnyValueView: MessageView, ~Escapable {
    public let bytes: RawSpan

    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
    }

    /// What the value is. An empty string, list or byte string is a value; `none` is not.
    @frozen
    public enum Content: ~Escapable {
        case none
        case string(UTF8Text)
        case bool(Bool)
        case int(Int64)
        case double(Double)
        case array(Repeated<AnyValueView>)
        case keyValueList(Repeated<KeyValueView>)
        case bytes(RawSpan)
    }

    /// The content; where several cases are set, the last on the wire counts.
    @inlinable
    public var content: Content {
        @_lifetime(copy self)
        get {
            var content = Content.none
            var reader = WireReader(bytes)
            while let tag = reader.nextTag() {
                switch (tag.number, tag.wireType) {
                case (1, .bytes):
                    guard let text = reader.readBytes() else { return content }
                    content = .string(UTF8Text(text))
                case (2, .varint):
                    guard let value = reader.readVarint() else { return content }
                    content = .bool(value != 0)
                case (3, .varint):
                    guard let value = reader.readVarint() else { return content }
                    content = .int(Int64(bitPattern: value))
                case (4, .fixed64):
                    guard let value = reader.readDouble() else { return content }
                    content = .double(value)
                case (5, .bytes):
                    guard let list = reader.readBytes() else { return content }
                    content = .array(Repeated(list, number: 1))
                case (6, .bytes):
                    guard let list = reader.readBytes() else { return content }
                    content = .keyValueList(Repeated(list, number: 1))
                case (7, .bytes):
                    guard let data = reader.readBytes() else { return content }
                    content = .bytes(data)
                default:
                    guard reader.skip(tag) else { return content }
                }
            }
            return content
        }
    }
}

extension Repeated where Element == KeyValueView {
    /// The value of `key`, read from where the iterator stands. Where a key stands twice, which
    /// OTLP forbids but senders do, the first counts, as in the Collector.
    @inlinable
    @_lifetime(copy self)
    public func first(_ key: StaticString) -> AnyValueView? {
        var copy = self
        while let attribute = copy.next() {
            if attribute.key == key { return attribute.value }
        }
        return nil
    }

    @inlinable
    @_lifetime(copy self)
    public func first(_ key: String) -> AnyValueView? {
        var copy = self
        while let attribute = copy.next() {
            if attribute.key == key { return attribute.value }
        }
        return nil
    }
}
