import WeirTelemetry

/// What is looked at: the attributes of resources or of records.
enum Level { case resource, record }

/// A key and the content of its `AnyValue`.
struct Pair: Hashable, CustomStringConvertible {
    var key: String
    var value: [UInt8]
    init(_ key: String, _ value: [UInt8]) {
        self.key = key
        self.value = value
    }
    var description: String { "\(key)=\(value)" }
}

/// A request taken apart: the attributes of each message of a level, and all else.
struct RequestTree {
    var attributes: [[Pair]] = []
    /// The request without these attributes and without resources that have nothing else.
    var rest: [UInt8] = []

    init(_ request: [UInt8], _ signal: Signal, _ level: Level) {
        rest = strip(request, depth: 0, parent: 0, signal, level)
    }

    private mutating func strip(
        _ message: [UInt8], depth: Int, parent: Int, _ signal: Signal, _ level: Level
    ) -> [UInt8] {
        var result: [UInt8] = []
        var resource: [Pair] = []
        for field in Wire.fields(message) {
            if level == .resource, depth == 1, field.number == 1 {
                let inner = take(1, from: field.content)
                resource += inner.pairs
                if !inner.rest.isEmpty { result += Wire.bytes(1, inner.rest) }
                continue
            }
            let attributes = level == .record ? number(depth, field.number, parent, signal) : nil
            if let attributes, field.isMessage {
                let inner = take(attributes, from: field.content)
                self.attributes.append(inner.pairs)
                result += Wire.bytes(field.number, inner.rest)
            } else if field.isMessage, isOnPath(depth, field.number, signal) {
                result += Wire.bytes(
                    field.number,
                    strip(
                        field.content, depth: depth + 1, parent: field.number, signal, level))
            } else {
                result += field.raw
            }
        }
        if level == .resource, depth == 1 { attributes.append(resource) }
        return result
    }

    private func isOnPath(_ depth: Int, _ number: Int, _ signal: Signal) -> Bool {
        switch depth {
        case 0: number == 1
        case 1: number == 2
        case 2: number == 2 && signal == .metrics
        case 3: [5, 7, 9, 10, 11].contains(number)
        default: false
        }
    }

    /// The number of the attributes in a record that stands in this field.
    private func number(_ depth: Int, _ field: Int, _ parent: Int, _ signal: Signal) -> Int? {
        switch (signal, depth, field) {
        case (.traces, 2, 2): 9
        case (.logs, 2, 2): 6
        case (.metrics, 4, 1): parent == 9 ? 9 : parent == 10 ? 1 : 7
        default: nil
        }
    }

    private func take(_ number: Int, from message: [UInt8]) -> (pairs: [Pair], rest: [UInt8]) {
        var pairs: [Pair] = []
        var rest: [UInt8] = []
        for field in Wire.fields(message) {
            guard field.number == number else {
                rest += field.raw
                continue
            }
            let inner = Wire.fields(field.content)
            let key = inner.last { $0.number == 1 }?.content ?? []
            let value = inner.last { $0.number == 2 }?.content ?? []
            pairs.append(Pair(String(decoding: key, as: UTF8.self), value))
        }
        return (pairs, rest)
    }
}
