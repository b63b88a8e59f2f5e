/// Attributes of a metric point or a resource, in the order in which they were given.
///
/// ```swift
/// metrics.gauge("redis.memory.used", unit: "By", used, ["db": "0", "replica": false])
/// ```
public struct Attributes: Sendable, Equatable, RandomAccessCollection {
    public enum Value: Sendable, Equatable {
        case string(String)
        case bool(Bool)
        case int(Int64)
        case double(Double)
    }

    public struct Pair: Sendable, Equatable {
        public var key: String
        public var value: Value
    }

    private var pairs: [Pair]

    public init() { pairs = [] }

    /// Adds one. Keys are not compared with those that are there.
    public mutating func append(_ key: String, _ value: Value) {
        pairs.append(Pair(key: key, value: value))
    }

    /// These and one more.
    public func adding(_ key: String, _ value: Value) -> Attributes {
        var copy = self
        copy.append(key, value)
        return copy
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int { pairs.count }
    public subscript(index: Int) -> Pair { pairs[index] }
}

extension Attributes: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, Value)...) {
        pairs = elements.map { Pair(key: $0.0, value: $0.1) }
    }
}

extension Attributes.Value: ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
    ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
}
