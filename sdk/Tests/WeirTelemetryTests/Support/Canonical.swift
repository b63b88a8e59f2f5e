import WeirTelemetry

/// What a message means, whatever its bytes: the order of fields, the form of varints, repeated
/// singular fields and unknown fields make no difference. Written apart from the library's own
/// reading, so that the two can be held against each other.
indirect enum Canonical: Equatable {
    case number(UInt64)
    case bytes([UInt8])
    case message([Int: [Canonical]])

    init(_ bytes: [UInt8], _ type: MessageType) {
        var raw: [Int: [Canonical]] = [:]
        var merged: [Int: [UInt8]] = [:]
        var oneof: Int?
        var rest = bytes[...]
        while !rest.isEmpty {
            let key = takeVarint(&rest)
            let number = Int(key >> 3)
            var value = Canonical.number(0)
            switch key & 7 {
            case 0: value = .number(takeVarint(&rest))
            case 1: value = .number(takeFixed(8, &rest))
            case 5: value = .number(takeFixed(4, &rest))
            default:
                let count = Int(takeVarint(&rest))
                value = .bytes(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            guard let field = type.field(number: number) else { continue }
            if field.cardinality == .oneof, oneof != number {
                if let oneof {
                    raw[oneof] = nil
                    merged[oneof] = nil
                }
                oneof = number
            }
            switch (value, field.kind) {
            case (.bytes(let content), .message(let inner)):
                if field.isRepeated {
                    raw[number, default: []].append(Canonical(content, inner))
                } else {
                    merged[number, default: []] += content
                }
            case (.bytes(let content), let kind) where kind.wireType != .bytes:
                var values = content[...]
                while !values.isEmpty {
                    let one =
                        kind.wireType == .varint ? takeVarint(&values) : takeFixed(8, &values)
                    raw[number, default: []].append(.number(one))
                }
            default:
                if field.isRepeated {
                    raw[number, default: []].append(value)
                } else {
                    raw[number] = [value]
                }
            }
        }
        for (number, content) in merged {
            guard case .message(let inner)? = type.field(number: number)?.kind else { continue }
            raw[number] = [Canonical(content, inner)]
        }
        self = .message(raw)
    }

    subscript(_ number: Int) -> [Canonical] {
        if case .message(let fields) = self { fields[number] ?? [] } else { [] }
    }
}

private func takeVarint(_ bytes: inout ArraySlice<UInt8>) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while let byte = bytes.popFirst() {
        value |= UInt64(byte & 0x7f) << shift
        if byte < 0x80 { break }
        shift += 7
    }
    return value
}

private func takeFixed(_ count: Int, _ bytes: inout ArraySlice<UInt8>) -> UInt64 {
    defer { bytes = bytes.dropFirst(count) }
    return bytes.prefix(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
}
