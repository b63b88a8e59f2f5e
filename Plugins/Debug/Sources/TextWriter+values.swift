import WeirJSON
import WeirTelemetry

extension TextWriter {
    /// A header and one indented line for each attribute; nothing if there are none.
    mutating func attributes(
        _ header: String, _ list: Repeated<KeyValueView>, indent: String = ""
    ) {
        var list = list
        var isFirst = true
        while let attribute = list.next() {
            if isFirst { line(header + ":") }
            isFirst = false
            put(indent + "     -> ")
            put(attribute.key)
            put(": ")
            typed(attribute.value)
            endLine()
        }
    }

    /// `key=value`, each after a separator.
    mutating func pairs(
        _ list: Repeated<KeyValueView>, before: String = "", separator: String
    ) {
        var list = list
        var isFirst = true
        while let attribute = list.next() {
            put(isFirst ? before : separator)
            isFirst = false
            put(attribute.key)
            put("=")
            plain(attribute.value)
        }
    }

    /// The value with its type: `Str(text)`, `Int(3)`, `Map({...})`.
    mutating func typed(_ value: AnyValueView) {
        let type =
            switch value.content {
            case .none: "Empty"
            case .string: "Str"
            case .bool: "Bool"
            case .int: "Int"
            case .double: "Double"
            case .array: "Slice"
            case .keyValueList: "Map"
            case .bytes: "Bytes"
            }
        put(type + "(")
        plain(value)
        put(")")
    }

    /// The value as text: lists and maps as JSON, bytes in base64.
    mutating func plain(_ value: AnyValueView) {
        switch value.content {
        case .none: break
        case .string(let text): put(text)
        case .bool(let flag): put(flag ? "true" : "false")
        case .int(let number): put(String(number))
        case .double(let number): put(jsonNumberText(number))
        case .bytes(let data): put(data.base64)
        case .array, .keyValueList:
            var json = JSONWriter()
            writeJSON(value, to: &json)
            put(String(decoding: json.bytes, as: UTF8.self))
        }
    }
}

private func writeJSON(_ value: AnyValueView, to json: inout JSONWriter) {
    switch value.content {
    case .none: json.null()
    case .string(let text): json.string(utf8: text.bytes)
    case .bool(let flag): json.bool(flag)
    case .int(let number): json.integer(number)
    case .double(let number): json.double(number)
    case .bytes(let data): json.string(data.base64)
    case .array(var elements):
        json.beginArray()
        while let element = elements.next() { writeJSON(element, to: &json) }
        json.endArray()
    case .keyValueList(var elements):
        json.beginObject()
        while let element = elements.next() {
            json.key(element.key.string)
            writeJSON(element.value, to: &json)
        }
        json.endObject()
    }
}
