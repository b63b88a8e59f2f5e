package import WeirJSON

/// One option of a component, as a reference page shows it.
package struct OptionRow: Sendable, Equatable {
    /// The path below the component: `protocols.grpc.endpoint`, `policies[].name`,
    /// `headers.<name>`.
    package var key: String
    package var type: String
    /// As it would be written; `nil` where there is none.
    package var defaultValue: String?
    package var description: String
    package var isRequired: Bool
    package var isSecret: Bool
    package var isDeprecated: Bool
}

/// The options of a schema, parents before children, in the order of the schema.
package func optionRows(
    _ schema: JSONValue, fragments: [String: JSONValue] = [:]
) -> [OptionRow] {
    var reference = OptionReference()
    reference.walk(Schema(schema, fragments: fragments), prefix: "", depth: 0)
    return reference.rows
}

private struct OptionReference {
    var rows: [OptionRow] = []
    /// References on the way down: a schema that contains itself is shown once.
    var open: [JSONValue] = []

    mutating func walk(_ schema: Schema, prefix: String, depth: Int) {
        guard depth < 12, let node = try? schema.resolved() else { return }
        let reference = schema.json["$ref"]
        if let reference {
            if open.contains(reference) { return }
            open.append(reference)
        }
        defer { if reference != nil { open.removeLast() } }
        inside(node, prefix: prefix, depth: depth)
    }

    private mutating func inside(_ node: SchemaNode, prefix: String, depth: Int) {
        for (name, property) in node.properties {
            guard let inner = try? property.resolved() else { continue }
            let key = prefix.isEmpty ? name : "\(prefix).\(name)"
            rows.append(
                OptionRow(
                    key: key, type: typeName(inner), defaultValue: inner.defaultValue?.shownDefault,
                    description: inner.refusal.map { "Not supported: \($0)." } ?? inner.description
                        ?? (inner.hasNoEffect
                            ? "Accepted for the Collector's sake; no effect." : ""),
                    isRequired: node.required.contains(name),
                    isSecret: inner.isSecret, isDeprecated: inner.isDeprecated))
            walk(property, prefix: key, depth: depth + 1)
        }
        if let items = node.items { walk(items, prefix: "\(prefix)[]", depth: depth + 1) }
        if case .schema(let further)? = node.additional {
            walk(further, prefix: prefix.isEmpty ? "<name>" : "\(prefix).<name>", depth: depth + 1)
        }
        for alternative in node.alternatives { walk(alternative, prefix: prefix, depth: depth + 1) }
    }

    private func typeName(_ node: SchemaNode) -> String {
        if let allowed = node.allowedValues { return allowed.map(\.shown).joined(separator: " | ") }
        if let format = node.format { return format.rawValue }
        if !node.alternatives.isEmpty {
            var names: [String] = []
            for alternative in node.alternatives {
                guard let inner = try? alternative.resolved() else { continue }
                let name = typeName(inner)
                if !names.contains(name) { names.append(name) }
            }
            return names.joined(separator: " or ")
        }
        if let items = node.items, let inner = try? items.resolved() {
            return "list of \(typeName(inner))"
        }
        if case .schema(let further)? = node.additional, let inner = try? further.resolved(),
            node.properties.isEmpty
        {
            return "map of \(typeName(inner))"
        }
        if node.types.isEmpty { return node.properties.isEmpty ? "any" : "object" }
        return node.types.joined(separator: " or ")
    }
}

extension JSONValue {
    fileprivate var shownDefault: String {
        switch self {
        case .array(let elements): "[" + elements.map(\.shownDefault).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.map { "\($0.key): \($0.value.shownDefault)" }.joined(separator: ", ")
                + "}"
        default: shown
        }
    }
}
