import WeirSDK
import WeirTelemetry

/// One action, with the Collector's keys and our `rename`.
struct ActionSettings: Decodable, Sendable {
    enum Name: String, CaseIterable, Sendable {
        case insert, update, upsert, delete, hash, convert, rename
    }

    enum Action: Sendable {
        case insert(AttributeEdit.Source)
        case update(AttributeEdit.Source)
        case upsert(AttributeEdit.Source)
        case delete
        case hash
        case convert(ConvertedType)
        case rename(to: String)
    }

    var key: String
    var action: Action

    private enum Keys: String, CodingKey {
        case key, action, value
        case fromAttribute = "from_attribute"
        case newKey = "new_key"
        case convertedType = "converted_type"
    }

    init(from decoder: any Decoder) throws {
        let settings = try decoder.container(keyedBy: Keys.self)
        func fail(_ message: String) -> DecodingError {
            .dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: message))
        }
        func text(_ key: Keys) throws -> String? {
            // An empty text is no text, as in the Collector.
            let text = try settings.decodeIfPresent(String.self, forKey: key)
            return text?.isEmpty == true ? nil : text
        }
        guard let key = try text(.key) else {
            throw fail("found no key, expected `key`: the name of an attribute")
        }
        self.key = key
        let written = try settings.decode(String.self, forKey: .action)
        guard let name = Name(rawValue: written.lowercased()) else {
            let names = Name.allCases.map(\.rawValue).joined(separator: ", ")
            throw fail("found the action \"\(written)\", expected one of \(names)")
        }

        let value = try settings.decodeIfPresent(ValueSetting.self, forKey: .value)
        let fromAttribute = try text(.fromAttribute)
        let newKey = try text(.newKey)
        let convertedType = try text(.convertedType)
        var given: [Keys] = []
        if value != nil { given.append(.value) }
        if fromAttribute != nil { given.append(.fromAttribute) }
        if newKey != nil { given.append(.newKey) }
        if convertedType != nil { given.append(.convertedType) }
        func source() throws -> AttributeEdit.Source {
            if given == [.value], let value { return .value(value.value) }
            if given == [.fromAttribute], let fromAttribute { return .attribute(fromAttribute) }
            throw wrong("either `value` or `from_attribute`")
        }
        func wrong(_ expected: String) -> DecodingError {
            let found = given.map { "`\($0.rawValue)`" }.joined(separator: " and ")
            return fail(
                "the action \(name.rawValue) of \"\(key)\": found "
                    + (found.isEmpty ? "nothing beside the key" : found) + ", expected \(expected)")
        }

        switch name {
        case .insert: action = .insert(try source())
        case .update: action = .update(try source())
        case .upsert: action = .upsert(try source())
        case .delete, .hash:
            guard given.isEmpty else { throw wrong("nothing beside the key") }
            action = name == .delete ? .delete : .hash
        case .rename:
            guard given == [.newKey], let newKey else { throw wrong("`new_key`, and only that") }
            action = .rename(to: newKey)
        case .convert:
            guard given == [.convertedType],
                let type = convertedType.flatMap(ConvertedType.init(rawValue:))
            else { throw wrong("`converted_type`: int, double or string") }
            action = .convert(type)
        }
    }
}

extension ActionSettings {
    /// The edit that does this; `hash` needs the host's digests.
    func edit(_ hash: Hash?) throws(ComponentError) -> AttributeEdit {
        switch action {
        case .insert(let source): return AttributeEdit(key, .insert(source))
        case .update(let source): return AttributeEdit(key, .update(source))
        case .upsert(let source): return AttributeEdit(key, .upsert(source))
        case .delete: return AttributeEdit(key, .delete)
        case .rename(let name): return AttributeEdit(key, .rename(to: name))
        case .convert(let type):
            return AttributeEdit(key, .transform { view in type.convert(AttributeValue(view)) })
        case .hash:
            guard let hash else {
                throw .unsupported(
                    "the action hash of \"\(key)\" needs the host's weir.hash/1, which this host "
                        + "does not have: use a newer host, or delete the attribute instead")
            }
            return AttributeEdit(
                key,
                .hash { bytes in
                    let digest = hash.sha256(bytes)
                    return unsafe digest.span.bytes.hex
                })
        }
    }
}
