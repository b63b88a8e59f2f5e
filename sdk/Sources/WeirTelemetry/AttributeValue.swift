/// An attribute's value as a tree of its own, for configuration and for building telemetry.
public indirect enum AttributeValue: Sendable, Hashable {
    case string(String)
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case bytes([UInt8])
    case array([AttributeValue])
    case keyValueList([Attribute])
    /// A value that is present and empty.
    case empty
}

/// A key and its value.
public struct Attribute: Sendable, Hashable {
    public var key: String
    public var value: AttributeValue

    public init(_ key: String, _ value: AttributeValue) {
        self.key = key
        self.value = value
    }
}

extension AttributeValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension AttributeValue {
    /// A copy of a borrowed value.
    public init(_ view: borrowing AnyValueView) {
        switch view.content {
        case .none: self = .empty
        case .string(let text): self = .string(text.string)
        case .bool(let flag): self = .bool(flag)
        case .int(let number): self = .int(number)
        case .double(let number): self = .double(number)
        case .bytes(let data): self = .bytes(data.array)
        case .array(var elements):
            var copies: [AttributeValue] = []
            while let element = elements.next() { copies.append(AttributeValue(element)) }
            self = .array(copies)
        case .keyValueList(var elements):
            var copies: [Attribute] = []
            while let element = elements.next() {
                copies.append(Attribute(element.key.string, AttributeValue(element.value)))
            }
            self = .keyValueList(copies)
        }
    }

    /// The bytes of the `AnyValue` message, without tag and length.
    package func append(to bytes: inout [UInt8]) {
        switch self {
        case .empty: break
        case .string(let text): bytes.appendField(1, text)
        case .bool(let flag): bytes.appendField(2, varint: flag ? 1 : 0)
        case .int(let number): bytes.appendField(3, varint: UInt64(bitPattern: number))
        case .double(let number): bytes.appendField(4, fixed64: number.bitPattern)
        case .bytes(let data): bytes.appendField(7, data)
        case .array(let elements):
            bytes.appendMessage(5) { list in
                for element in elements {
                    list.appendMessage(1) { element.append(to: &$0) }
                }
            }
        case .keyValueList(let attributes):
            bytes.appendMessage(6) { list in
                for attribute in attributes { list.appendMessage(1) { attribute.append(to: &$0) } }
            }
        }
    }
}

extension Attribute {
    /// The bytes of the `KeyValue` message, without tag and length.
    package func append(to bytes: inout [UInt8]) {
        bytes.appendField(1, key)
        bytes.appendMessage(2) { value.append(to: &$0) }
    }
}

extension AttributeValue: ExpressibleByArrayLiteral {
    public init(arrayLiteral elements: AttributeValue...) { self = .array(elements) }
}
