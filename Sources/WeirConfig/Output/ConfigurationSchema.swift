package import WeirJSON

/// The JSON Schema (2020-12) of a whole configuration, for editors.
///
/// It differs from what plugins bring in what an editor needs: keys are closed explicitly, an empty
/// section is allowed, and so is `${env:NAME}` where a number or a boolean is wanted. Durations and
/// sizes are what people write.
package func configurationSchema(_ catalog: ComponentCatalog) -> JSONValue {
    var definitions: [JSONMember] = []
    for (name, fragment) in catalog.fragments.sorted(by: { $0.key < $1.key }) {
        let writer = SchemaWriter(home: "#/$defs/weir.\(name)")
        definitions.append(JSONMember("weir.\(name)", writer.rewrite(fragment, isShared: true)))
    }
    var sections: [JSONMember] = []
    for kind in ComponentKind.allCases {
        // A Collector's file has its sinks under 'exporters'.
        let kinds = kind == .exporter ? [.exporter, ComponentKind.sink] : [kind]
        let components = kinds.flatMap { kind in
            catalog.components.filter { $0.kind == kind }.sorted { $0.type < $1.type }
        }
        for component in components where component.kind == kind {
            let name = "\(kind.rawValue).\(component.type)"
            let writer = SchemaWriter(home: "#/$defs/\(name)")
            definitions.append(JSONMember(name, writer.rewrite(component.schema)))
        }
        sections.append(JSONMember(kind.section, section(components)))
    }
    // Both dialects are legal in an editor; the Weir form has all the lists.
    let service = SchemaWriter(home: "#/properties/service").rewrite(serviceSchema(.weir))
    sections.append(JSONMember("service", service))
    return .object([
        JSONMember("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
        JSONMember("title", .string("Weir configuration")),
        JSONMember("type", .string("object")),
        JSONMember("properties", .object(sections)),
        JSONMember(
            "patternProperties", .object([JSONMember("^x-", .bool(true))])),
        JSONMember("additionalProperties", .bool(false)),
        JSONMember("$defs", .object(definitions)),
    ])
}

private func section(_ components: [ComponentCatalog.Component]) -> JSONValue {
    var patterns: [JSONMember] = []
    for component in components {
        let reference = JSONValue.string("#/$defs/\(component.kind.rawValue).\(component.type)")
        for type in [component.type] + component.aliases + component.deprecatedAliases {
            let pattern = "^\(type)(/.+)?$"
            if patterns.contains(where: { $0.key == pattern }) { continue }
            var members = [JSONMember("$ref", reference)]
            if !component.summary.isEmpty {
                members.append(JSONMember("description", .string(component.summary)))
            }
            if type != component.type || component.stability == .deprecated {
                members.append(JSONMember("deprecated", .bool(true)))
            }
            patterns.append(JSONMember(pattern, .object(members)))
        }
    }
    return .object([
        JSONMember("type", .array([.string("object"), .string("null")])),
        JSONMember("patternProperties", .object(patterns)),
        JSONMember("additionalProperties", .bool(false)),
    ])
}

/// Rewrites one schema for its place in the whole.
private struct SchemaWriter {
    /// Where the schema's own `#` has moved to.
    let home: String

    /// - Parameter isShared: others refer to it and lay keys of their own over it.
    func rewrite(_ json: JSONValue, isShared: Bool = false) -> JSONValue {
        guard case .object(let members) = json else { return json }
        if json["x-weir-unsupported"] != nil {
            return .object([JSONMember("type", .string("null"))])
        }
        var result: [JSONMember] = []
        for member in members {
            switch member.key {
            case "$ref":
                result.append(JSONMember("$ref", .string(moved(member.value.stringValue ?? "#"))))
            case "properties", "$defs":
                let inner = (member.value.objectValue ?? []).map {
                    JSONMember($0.key, rewrite($0.value))
                }
                result.append(JSONMember(member.key, .object(inner)))
            case "items", "additionalProperties":
                result.append(JSONMember(member.key, rewrite(member.value)))
            case "anyOf", "oneOf", "allOf":
                let inner = (member.value.arrayValue ?? []).map { rewrite($0) }
                // The first that fits wins in Weir, which is what anyOf says.
                let key = member.key == "oneOf" ? "anyOf" : member.key
                result.append(JSONMember(key, .array(inner)))
            case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum":
                // Bounds of durations and sizes are text, which only Weir can compare.
                if member.value.stringValue == nil { result.append(member) }
            default: result.append(member)
            }
        }
        return opened(closed(result, json, isShared: isShared))
    }

    private func moved(_ reference: String) -> String {
        if reference.hasPrefix("weir:") { return "#/$defs/weir.\(reference.dropFirst(5))" }
        return home + reference.dropFirst()
    }

    /// Weir closes objects that list their properties. `additionalProperties` sees only the keys
    /// beside it, so what is put together from several parts is closed where it is put together,
    /// and the parts stay open.
    private func closed(
        _ members: [JSONMember], _ json: JSONValue, isShared: Bool
    ) -> [JSONMember] {
        if isShared { return members }
        if json["$ref"] != nil || json["allOf"] != nil {
            if let given = json["additionalProperties"], given != .bool(false) { return members }
            return members.filter { $0.key != "additionalProperties" }
                + [JSONMember("unevaluatedProperties", .bool(false))]
        }
        let isChoice = json["anyOf"] != nil || json["oneOf"] != nil
        guard json["properties"] != nil, json["additionalProperties"] == nil, !isChoice else {
            return members
        }
        return members + [JSONMember("additionalProperties", .bool(false))]
    }

    private func opened(_ members: [JSONMember]) -> JSONValue {
        guard let index = members.firstIndex(where: { $0.key == "type" }) else {
            return .object(members)
        }
        var types =
            members[index].value.arrayValue
            ?? [members[index].value]
        var result = members
        if types.contains(.string("object")), !types.contains(.string("null")) {
            types.append(.string("null"))
            result[index].value = .array(types)
        }
        if members.contains(JSONMember("format", .string("text"))) {
            types += ["number", "boolean"].map { .string($0) }
            result[index].value = .array(types)
            return .object(result)
        }
        let isNumeric = types.contains {
            ["integer", "number", "boolean"].contains($0.stringValue ?? "")
        }
        guard isNumeric, !types.contains(.string("string")) else { return .object(result) }
        let notes = ["description", "default", "deprecated", "title"]
        let variable = JSONValue.object([
            JSONMember("type", .string("string")), JSONMember("pattern", .string("\\$\\{")),
        ])
        let value = JSONValue.object(result.filter { !notes.contains($0.key) })
        return .object(
            result.filter { notes.contains($0.key) }
                + [JSONMember("anyOf", .array([value, variable]))])
    }
}
