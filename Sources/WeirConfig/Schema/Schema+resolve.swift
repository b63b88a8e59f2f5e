import WeirJSON

extension Schema {
    /// Follows references and collects what this level says.
    func resolved(depth: Int = 0) throws(SchemaFault) -> SchemaNode {
        guard depth < 32 else { throw SchemaFault(message: "its references form a circle") }
        if case .bool(true) = json { return SchemaNode() }
        guard case .object(let members) = json else {
            throw SchemaFault(message: "a schema must be an object or true")
        }
        var node = SchemaNode()
        if let reference = json["$ref"] {
            node = try target(of: reference).resolved(depth: depth + 1)
        }
        for part in json["allOf"]?.arrayValue ?? [] {
            node.lay(over: try child(part).resolved(depth: depth + 1))
        }
        var own = SchemaNode()
        for member in members { try own.read(member, of: self) }
        node.lay(over: own)
        return node
    }

    /// `#`, `#/$defs/NAME` (any path) or `weir:NAME`.
    private func target(of reference: JSONValue) throws(SchemaFault) -> Schema {
        guard let text = reference.stringValue else {
            throw SchemaFault(message: "$ref must be a string")
        }
        if text.hasPrefix("weir:") {
            guard let fragment = fragments[String(text.dropFirst(5))] else {
                throw SchemaFault(message: "there is no shared schema '\(text)'")
            }
            return Schema(fragment, fragments: fragments)
        }
        guard text == "#" || text.hasPrefix("#/") else {
            throw SchemaFault(message: "$ref '\(text)' is neither '#/...' nor 'weir:...'")
        }
        var place = root
        for step in text.dropFirst(2).split(separator: "/") {
            guard let next = place[String(step)] else {
                throw SchemaFault(message: "$ref '\(text)' leads nowhere")
            }
            place = next
        }
        return child(place)
    }
}

extension SchemaNode {
    fileprivate mutating func read(
        _ member: JSONMember, of schema: Schema
    ) throws(SchemaFault) {
        let value = member.value
        switch member.key {
        case "type":
            types =
                value.stringValue.map { [$0] } ?? (value.arrayValue ?? []).compactMap(\.stringValue)
        case "properties":
            properties = (value.objectValue ?? []).map { ($0.key, schema.child($0.value)) }
        case "required": required = (value.arrayValue ?? []).compactMap(\.stringValue)
        case "additionalProperties":
            switch value {
            case .bool(let isAllowed): additional = isAllowed ? .anything : .forbidden
            default: additional = .schema(schema.child(value))
            }
        case "items": items = schema.child(value)
        case "enum": allowedValues = value.arrayValue
        case "const": allowedValues = [value]
        case "minimum": minimum = value
        case "maximum": maximum = value
        case "exclusiveMinimum": exclusiveMinimum = value
        case "exclusiveMaximum": exclusiveMaximum = value
        case "minLength": minLength = value.integerValue
        case "minItems": minItems = value.integerValue
        case "maxItems": maxItems = value.integerValue
        case "oneOf", "anyOf": alternatives = (value.arrayValue ?? []).map(schema.child)
        case "default": defaultValue = value
        case "deprecated": isDeprecated = value.boolValue ?? false
        case "description": description = value.stringValue
        case "x-weir-secret": isSecret = value.boolValue ?? false
        case "x-weir-ignore-case": ignoresCase = value.boolValue ?? false
        case "x-weir-no-effect": hasNoEffect = value.boolValue ?? false
        case "x-weir-unsupported": refusal = value.stringValue
        case "format":
            // Unknown formats are notes to the reader, as JSON Schema has it.
            format = value.stringValue.flatMap(ValueFormat.init)
        case "pattern":
            throw SchemaFault(message: "'pattern' is not supported: use 'format' or 'enum'")
        default: break
        }
    }

    fileprivate mutating func lay(over upper: SchemaNode) {
        if !upper.types.isEmpty { types = upper.types }
        for property in upper.properties {
            if let index = properties.firstIndex(where: { $0.name == property.name }) {
                properties[index] = property
            } else {
                properties.append(property)
            }
        }
        required += upper.required.filter { !required.contains($0) }
        if !upper.alternatives.isEmpty { alternatives = upper.alternatives }
        additional = upper.additional ?? additional
        items = upper.items ?? items
        allowedValues = upper.allowedValues ?? allowedValues
        minimum = upper.minimum ?? minimum
        maximum = upper.maximum ?? maximum
        exclusiveMinimum = upper.exclusiveMinimum ?? exclusiveMinimum
        exclusiveMaximum = upper.exclusiveMaximum ?? exclusiveMaximum
        minLength = upper.minLength ?? minLength
        minItems = upper.minItems ?? minItems
        maxItems = upper.maxItems ?? maxItems
        format = upper.format ?? format
        defaultValue = upper.defaultValue ?? defaultValue
        description = upper.description ?? description
        isDeprecated = isDeprecated || upper.isDeprecated
        isSecret = isSecret || upper.isSecret
        ignoresCase = ignoresCase || upper.ignoresCase
        hasNoEffect = hasNoEffect || upper.hasNoEffect
        refusal = upper.refusal ?? refusal
    }

    /// This node with one of its alternatives laid over it.
    func choosing(_ alternative: SchemaNode) -> SchemaNode {
        var node = self
        node.alternatives = []
        node.lay(over: alternative)
        return node
    }
}
