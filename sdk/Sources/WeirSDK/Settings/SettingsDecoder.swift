package import WeirJSON

/// Decodes a component's settings. The one rule for names: a property `sendBatchSize` is the key
/// `send_batch_size`; a coding key that has this form already stays as it is.
///
/// `Duration` is read from whole nanoseconds and `ByteCount` from bytes, which is what the host
/// makes of `200ms` and `4MiB`. Errors name the key, what was found and what was expected.
package func decodeSettings<T: Decodable>(
    _: T.Type, from json: JSONValue, trace: SettingsTrace? = nil
) throws(ComponentError) -> T {
    do {
        return try SettingsDecoder(json, [], trace).decode(T.self)
    } catch let error as DecodingError {
        throw .invalid(error.settingsMessage)
    } catch {
        throw .invalid("settings: \(error)")
    }
}

/// One value of the settings and where it stands.
struct SettingsDecoder: Decoder {
    let value: JSONValue
    let codingPath: [any CodingKey]
    let trace: SettingsTrace?
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ value: JSONValue, _ path: [any CodingKey], _ trace: SettingsTrace?) {
        self.value = value
        codingPath = path
        self.trace = trace
    }

    func decode<T: Decodable>(_: T.Type) throws -> T {
        if T.self == Duration.self { return try duration() as! T }
        return try T(from: self)
    }

    private func duration() throws -> Duration {
        guard case .integer(let nanoseconds) = value else {
            throw mismatch(Duration.self, "a duration in whole nanoseconds")
        }
        return .nanoseconds(nanoseconds)
    }

    func mismatch(_ type: Any.Type, _ expected: String) -> DecodingError {
        DecodingError.typeMismatch(
            type,
            DecodingError.Context(
                codingPath: codingPath,
                debugDescription: "found \(value.settingsSummary), expected \(expected)"))
    }

    func container<Key: CodingKey>(keyedBy: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let members) = value else {
            throw mismatch(Key.self, "a mapping")
        }
        return KeyedDecodingContainer(SettingsKeyed(decoder: self, members: members))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = value else {
            throw mismatch([Any].self, "a list")
        }
        return SettingsUnkeyed(decoder: self, elements: elements)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }
}

extension SettingsDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool { value == .null }

    func decode(_: Bool.Type) throws -> Bool {
        guard case .bool(let flag) = value else { throw mismatch(Bool.self, "true or false") }
        return flag
    }

    func decode(_: String.Type) throws -> String {
        guard case .string(let text) = value else { throw mismatch(String.self, "text") }
        return text
    }

    func decode(_: Double.Type) throws -> Double {
        switch value {
        case .number(let number): return number
        case .integer(let number): return Double(number)
        default: throw mismatch(Double.self, "a number")
        }
    }

    func decode(_: Float.Type) throws -> Float { Float(try decode(Double.self)) }

    private func integer<I: FixedWidthInteger>(_: I.Type) throws -> I {
        guard case .integer(let number) = value, let fits = I(exactly: number) else {
            throw mismatch(I.self, "a whole number from \(I.min) to \(I.max)")
        }
        return fits
    }

    func decode(_: Int.Type) throws -> Int { try integer(Int.self) }
    func decode(_: Int8.Type) throws -> Int8 { try integer(Int8.self) }
    func decode(_: Int16.Type) throws -> Int16 { try integer(Int16.self) }
    func decode(_: Int32.Type) throws -> Int32 { try integer(Int32.self) }
    func decode(_: Int64.Type) throws -> Int64 { try integer(Int64.self) }
    func decode(_: UInt.Type) throws -> UInt { try integer(UInt.self) }
    func decode(_: UInt8.Type) throws -> UInt8 { try integer(UInt8.self) }
    func decode(_: UInt16.Type) throws -> UInt16 { try integer(UInt16.self) }
    func decode(_: UInt32.Type) throws -> UInt32 { try integer(UInt32.self) }
    func decode(_: UInt64.Type) throws -> UInt64 { try integer(UInt64.self) }
}
