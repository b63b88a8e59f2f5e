extension Decoder {
    /// The error for a value that is of the right type and yet makes no sense; it names the place.
    func refusal(_ message: String, at keys: [any CodingKey] = []) -> DecodingError {
        .dataCorrupted(
            DecodingError.Context(
                codingPath: codingPath + keys.map(SnakeKey.init), debugDescription: message))
    }
}

/// A key as it stands in the configuration: `basic_auth` for `basicAuth`.
private struct SnakeKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(_ key: any CodingKey) {
        intValue = key.intValue
        stringValue = key.stringValue.reduce(into: "") { name, letter in
            name += letter.isUppercase ? "_" + letter.lowercased() : String(letter)
        }
    }

    init?(stringValue: String) { return nil }
    init?(intValue: Int) { return nil }
}

extension KeyedDecodingContainer {
    /// The value, or the default where the key is missing or null.
    func value<T: Decodable>(_ key: Key, or fallback: T) throws -> T {
        try decodeIfPresent(T.self, forKey: key) ?? fallback
    }
}
