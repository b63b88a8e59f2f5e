package import WeirJSON

extension Configuration {
    /// The effective configuration, defaults included, without secrets: `weir config print`.
    ///
    /// It can be read back, but for the secrets: what would be taken for a variable is escaped.
    package var redacted: JSONValue {
        var sections: [JSONMember] = []
        for (name, kind) in dialect.sections {
            let members = components.filter { $0.kind == kind }.map {
                JSONMember($0.id.description, $0.printed)
            }
            if !members.isEmpty { sections.append(JSONMember(name, .object(members))) }
        }
        sections.append(JSONMember("service", service.printed))
        return escaped(.object(sections))
    }

    private func escaped(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): .string(escapingVariables(text, dialect: dialect))
        case .array(let elements): .array(elements.map(escaped))
        case .object(let members): .object(members.map { JSONMember($0.key, escaped($0.value)) })
        default: value
        }
    }
}
