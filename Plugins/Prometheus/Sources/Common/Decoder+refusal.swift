extension Decoder {
    /// The error for a value that is of the right type and yet makes no sense; it names the place.
    func refusal(_ message: String, at keys: [any CodingKey] = []) -> DecodingError {
        .dataCorrupted(
            DecodingError.Context(codingPath: codingPath + keys, debugDescription: message))
    }
}

extension KeyedDecodingContainer {
    /// The value, or the default where the key is missing or null.
    func value<T: Decodable>(_ key: Key, or fallback: T) throws -> T {
        try decodeIfPresent(T.self, forKey: key) ?? fallback
    }
}
