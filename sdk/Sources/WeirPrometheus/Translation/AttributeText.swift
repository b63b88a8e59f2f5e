import WeirJSON
public import WeirTelemetry

extension AnyValueView {
    /// The value as the text of a label: a string as it is, numbers and flags as JSON writes them,
    /// bytes in base64, lists and maps as JSON. Nothing is the empty text.
    public var labelText: String {
        switch content {
        case .none: return ""
        case .string(let text): return text.string
        case .bool(let flag): return flag ? "true" : "false"
        case .int(let number): return String(number)
        case .double(let number): return jsonNumber(number)
        case .bytes(let bytes): return bytes.base64
        case .array, .keyValueList:
            var writer = JSONWriter()
            writer.plain(self)
            return String(decoding: writer.bytes, as: UTF8.self)
        }
    }
}

extension JSONWriter {
    /// A value as plain JSON, not as OTLP writes it: `["a",1]`.
    fileprivate mutating func plain(_ value: borrowing AnyValueView) {
        switch value.content {
        case .none: null()
        case .string(let text): string(utf8: text.bytes)
        case .bool(let flag): bool(flag)
        case .int(let number): integer(number)
        case .double(let number): double(number)
        case .bytes(let bytes): string(bytes.base64)
        case .array(var elements):
            beginArray()
            while let element = elements.next() { plain(element) }
            endArray()
        case .keyValueList(var members):
            beginObject()
            while let member = members.next() {
                key(member.key.string)
                plain(member.value)
            }
            endObject()
        }
    }
}

/// As JSON in Go and JavaScript has it: no exponent between 1e-6 and 1e21.
private func jsonNumber(_ number: Double) -> String {
    guard number.isFinite else {
        return number.isNaN ? "NaN" : number < 0 ? "-Inf" : "+Inf"
    }
    guard number == number.rounded(), abs(number) < 1e16 else { return "\(number)" }
    return String(Int64(number))
}
