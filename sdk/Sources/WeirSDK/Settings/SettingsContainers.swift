import WeirJSON

struct SettingsKeyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: SettingsDecoder
    let members: [JSONMember]
    var codingPath: [any CodingKey] { decoder.codingPath }

    /// A dictionary makes a key of any text; a struct's keys are in camel case.
    var allKeys: [Key] {
        members.compactMap {
            Key(stringValue: $0.key) ?? Key(stringValue: camelCase($0.key))
        }
    }

    /// The value under the key as written, or else in snake case.
    private func find(_ key: Key) -> SettingsDecoder? {
        let exact = members.last { $0.key == key.stringValue }
        let name = exact == nil ? snakeCase(key.stringValue) : key.stringValue
        decoder.trace?.record((codingPath + [SettingsKey(name)]).settingsPath)
        guard let member = exact ?? members.last(where: { $0.key == name }) else { return nil }
        return SettingsDecoder(
            member.value, codingPath + [SettingsKey(name)], decoder.trace)
    }

    private func get(_ key: Key) throws -> SettingsDecoder {
        if let found = find(key) { return found }
        let name = snakeCase(key.stringValue)
        throw DecodingError.keyNotFound(
            SettingsKey(name),
            DecodingError.Context(
                codingPath: codingPath + [SettingsKey(name)],
                debugDescription: "found nothing, expected a value"))
    }

    func contains(_ key: Key) -> Bool { find(key) != nil }
    func decodeNil(forKey key: Key) throws -> Bool { try get(key).decodeNil() }

    func decode<T: Decodable>(_: T.Type, forKey key: Key) throws -> T {
        try get(key).decode(T.self)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try get(key).container(keyedBy: Nested.self)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try get(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { decoder }
    func superDecoder(forKey key: Key) throws -> any Decoder { try get(key) }
}

struct SettingsUnkeyed: UnkeyedDecodingContainer {
    let decoder: SettingsDecoder
    let elements: [JSONValue]
    var currentIndex = 0
    var codingPath: [any CodingKey] { decoder.codingPath }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    init(decoder: SettingsDecoder, elements: [JSONValue]) {
        self.decoder = decoder
        self.elements = elements
    }

    private mutating func next() throws -> SettingsDecoder {
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(
                Any.self,
                DecodingError.Context(
                    codingPath: codingPath,
                    debugDescription:
                        "found \(elements.count) elements, expected at least \(currentIndex + 1)"))
        }
        defer { currentIndex += 1 }
        return SettingsDecoder(
            elements[currentIndex], codingPath + [SettingsKey(index: currentIndex)], decoder.trace)
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, elements[currentIndex] == .null else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: Decodable>(_: T.Type) throws -> T { try next().decode(T.self) }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        try next().container(keyedBy: Nested.self)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try next().unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder { try next() }
}
