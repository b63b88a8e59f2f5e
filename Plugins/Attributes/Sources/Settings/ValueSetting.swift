import WeirTelemetry

/// `value` of an action: text, a number, a bool, or a list of these. The kind is the one that the
/// value has in the configuration: `42` is an int, `42.0` a double, `"42"` a string.
struct ValueSetting: Decodable, Sendable {
    var value: AttributeValue

    init(from decoder: any Decoder) throws {
        let setting = try decoder.singleValueContainer()
        if let flag = try? setting.decode(Bool.self) {
            value = .bool(flag)
        } else if let number = try? setting.decode(Int64.self) {
            value = .int(number)
        } else if let number = try? setting.decode(Double.self) {
            value = .double(number)
        } else if let text = try? setting.decode(String.self) {
            value = .string(text)
        } else if var list = try? decoder.unkeyedContainer() {
            var elements: [AttributeValue] = []
            while !list.isAtEnd { elements.append(try list.decode(ValueSetting.self).value) }
            value = .array(elements)
        } else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "found a mapping, or nothing in a list; expected text, "
                        + "a number, true or false, or a list of these"))
        }
    }
}
