/// A text that a person may have written without quotes so that YAML takes it for a number or a
/// truth value: `regex: true`, `port: 9100`.
struct PlainText: Decodable, Sendable, Hashable {
    var text: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
            text = flag ? "true" : "false"
        } else if let number = try? container.decode(Int64.self) {
            text = String(number)
        } else if let number = try? container.decode(Double.self) {
            text = "\(number)"
        } else {
            text = container.decodeNil() ? "" : try container.decode(String.self)
        }
    }
}

extension KeyedDecodingContainer {
    func text(_ key: Key, or fallback: String) throws -> String {
        try contains(key) ? decode(PlainText.self, forKey: key).text : fallback
    }
}
