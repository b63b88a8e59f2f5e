package import WeirJSON

/// What is wrong with a component's schema, in words; empty if nothing is.
///
/// Loading finds only the faults of the parts that a configuration touches. This looks at all of a
/// schema, so that a plugin's author hears of a misspelled keyword: JSON Schema ignores what it does
/// not know.
package func schemaProblems(
    _ schema: JSONValue, fragments: [String: JSONValue] = [:]
) -> [String] {
    var linter = SchemaLinter()
    linter.check(Schema(schema, fragments: fragments), path: "", isTop: true)
    return linter.problems
}

private struct SchemaLinter {
    var problems: [String] = []
    /// References that were followed already.
    var seen: Set<String> = []

    private static let keywords: Set<String> = [
        "$schema", "$id", "$defs", "$ref", "$comment", "title", "description", "examples", "type",
        "properties", "required", "additionalProperties", "items", "enum", "const", "minimum",
        "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "minItems", "maxItems",
        "oneOf", "anyOf", "allOf", "default", "deprecated", "format", "x-weir-secret",
        "x-weir-ignore-case", "x-weir-no-effect", "x-weir-unsupported",
    ]
    private static let types = [
        "null", "boolean", "integer", "number", "string", "array", "object",
    ]

    mutating func check(_ schema: Schema, path: String, isTop: Bool = false) {
        let node: SchemaNode
        do {
            node = try schema.resolved()
        } catch {
            add(path, error.message)
            return
        }
        checkKeywords(schema.json, path)
        for type in node.types where !Self.types.contains(type) {
            add(path, "unknown type '\(type)'", nearestName(to: type, in: Self.types))
        }
        if isTop, !node.types.isEmpty, !node.types.contains("object") {
            add(path, "a component's settings are an object")
        }
        for name in node.required where node.property(name) == nil && node.alternatives.isEmpty {
            add(path, "'\(name)' is required, but not among the properties")
        }
        if let reference = schema.json["$ref"]?.stringValue {
            guard seen.insert(reference).inserted else { return }
        }
        checkDefaults(node, path)
        for (name, property) in node.properties {
            check(property, path: path.appending(key: name))
        }
        if let items = node.items { check(items, path: path + "[]") }
        if case .schema(let further)? = node.additional { check(further, path: path + ".<name>") }
        for alternative in node.alternatives { check(alternative, path: path) }
    }

    private mutating func checkKeywords(_ json: JSONValue, _ path: String) {
        for member in json.objectValue ?? [] where !Self.keywords.contains(member.key) {
            add(
                path, "unknown keyword '\(member.key)'",
                nearestName(to: member.key, in: Self.keywords.sorted()))
        }
        if let format = json["format"]?.stringValue, ValueFormat(rawValue: format) == nil {
            let known = ValueFormat.allCases.map(\.rawValue)
            add(path, "unknown format '\(format)'", nearestName(to: format, in: known))
        }
    }

    /// Loads each default by itself, as the absent key would.
    private mutating func checkDefaults(_ node: SchemaNode, _ path: String) {
        let location = SourceLocation(source: 0, line: 1, column: 1)
        for (name, property) in node.properties {
            guard var inner = try? property.resolved(), let value = inner.defaultValue,
                value != .null
            else { continue }
            inner.isDeprecated = false
            inner.hasNoEffect = false
            let collector = DiagnosticCollector()
            let place = SettingsValidator.Place(
                path: path.appending(key: name), key: location, name: name)
            _ = SettingsValidator(collector: collector).check(
                YAMLNode(value, location: location), against: inner, at: place)
            for finding in collector.findings where finding.code.severity == .error {
                add(place.path, "the default does not fit: \(finding.message)")
            }
        }
    }

    private mutating func add(_ path: String, _ problem: String, _ near: String? = nil) {
        let text =
            (path.isEmpty ? "" : "\(path): ") + problem
            + (near.map { "; \(didYouMean($0))" } ?? "")
        if !problems.contains(text) { problems.append(text) }
    }
}
