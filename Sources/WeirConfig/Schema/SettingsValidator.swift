import WeirJSON

/// Checks settings against a schema and makes of them what a plugin receives.
///
/// What the plugin's JSON holds, given the YAML:
/// - Every property of the schema that has a `default` and is absent, or is present without a value,
///   gets its default. An object that is absent is never invented, unless the schema gives it a
///   `default`: `grpc:` without a value means "with defaults", no `grpc` means "not enabled".
/// - A section without a value is `{}`.
/// - `format: duration` becomes integer nanoseconds, `format: bytes` integer bytes, defaults
///   included. Every other format stays text.
/// - Text that came from a variable becomes a number or a boolean where the schema wants one.
/// - Properties come in the order of the schema, further keys after them as they were written.
/// - With `anyOf` and `oneOf` the first alternative that fits wins.
struct SettingsValidator {
    let collector: DiagnosticCollector

    /// One value as the plugin gets it, and as it is shown to people.
    struct Value {
        var settings: JSONValue
        /// Durations and sizes as they were written, secrets as `<redacted>`.
        var printed: JSONValue

        init(_ value: JSONValue) {
            settings = value
            printed = value
        }

        init(settings: JSONValue, printed: JSONValue) {
            self.settings = settings
            self.printed = printed
        }
    }

    /// Where a value stands: its path, and the key under which it is written.
    struct Place {
        var path: String
        var key: SourceLocation
        /// The last key's own name.
        var name: String
        /// The value is a part of something that is secret.
        var isSecret = false

        /// Whether a value here must not be shown, whatever it is.
        func hides(_ schema: SchemaNode) -> Bool {
            isSecret || schema.isSecret || isSensitiveName(name)
        }
    }

    /// - Returns: `nil` where anything in the value is wrong; that was reported.
    func validate(_ node: YAMLNode, against schema: Schema, at place: Place) -> Value? {
        do {
            return check(node, against: try schema.resolved(), at: place)
        } catch {
            collector.report(
                .brokenSchema, at: place.key, path: place.path,
                "the plugin's schema is broken: \(error.message)",
                suggestion: "this is a fault of the plugin, not of the configuration")
            return nil
        }
    }

    func check(_ node: YAMLNode, against schema: SchemaNode, at place: Place) -> Value? {
        if schema.isSecret { markSecret(node) }
        if node.scalar?.expansion?.failed == true { return nil }
        if schema.isDeprecated {
            collector.report(
                .deprecatedKey, at: place.key, path: place.path,
                "'\(place.name)' is deprecated", suggestion: schema.description)
        }
        if schema.hasNoEffect {
            collector.report(
                .noEffect, at: place.key, path: place.path, "'\(place.name)' has no effect in Weir",
                suggestion: schema.description)
        }
        if let advice = schema.refusal {
            if node.isNull { return Value(.null) }
            collector.report(
                .unsupportedKey, at: place.key, path: place.path,
                "'\(place.name)' is not supported by Weir", suggestion: advice)
            return nil
        }
        guard schema.alternatives.isEmpty else {
            return checkAlternatives(node, against: schema, at: place)
        }
        var result: Value?
        switch node.value {
        case .mapping(let entries):
            guard schema.allowsObject else { return wrongType(node, schema, place) }
            result = checkObject(entries, against: schema, at: place)
        case .sequence(let nodes):
            guard schema.allowsArray else { return wrongType(node, schema, place) }
            result = checkArray(nodes, of: node, against: schema, at: place)
        case .scalar(let scalar):
            result = checkScalar(scalar, of: node, against: schema, at: place)
        }
        if schema.isSecret, let value = result, value.settings != .string("") {
            result = Value(settings: value.settings, printed: .string(redactedText))
        }
        return result
    }

    private func markSecret(_ node: YAMLNode) {
        switch node.value {
        case .scalar(let scalar):
            if scalar.expansion == nil { collector.markSecret(node.location) }
            // A default inside of a reference is in clear text, so all of it is masked.
            if let expansion = scalar.expansion, !expansion.isTainted {
                collector.markSecret(node.location)
            }
        case .sequence(let nodes): nodes.forEach(markSecret)
        case .mapping(let entries): entries.forEach { markSecret($0.node) }
        }
    }

    func wrongType(_ node: YAMLNode, _ schema: SchemaNode, _ place: Place) -> Value? {
        collector.report(
            .wrongType, at: node.location, path: place.path, "'\(place.name)' has the wrong type",
            found: describe(node, isSecret: place.hides(schema)), expected: schema.expectation,
            suggestion: schema.conversionAdvice(for: node, isSecret: place.hides(schema)))
        return nil
    }

    func checkArray(
        _ nodes: [YAMLNode], of node: YAMLNode, against schema: SchemaNode, at place: Place
    ) -> Value? {
        var isValid = true
        if let minimum = schema.minItems, nodes.count < minimum {
            isValid = false
            collector.report(
                .wrongItemCount, at: place.key, path: place.path, "'\(place.name)' is too short",
                found: "\(nodes.count) items", expected: "at least \(minimum)")
        }
        if let maximum = schema.maxItems, nodes.count > maximum {
            isValid = false
            collector.report(
                .wrongItemCount, at: place.key, path: place.path, "'\(place.name)' is too long",
                found: "\(nodes.count) items", expected: "at most \(maximum)")
        }
        var values: [Value] = []
        for (index, item) in nodes.enumerated() {
            let inner = Place(
                path: place.path.appending(index: index), key: item.location,
                name: "\(place.name)[\(index)]", isSecret: place.hides(schema))
            let value =
                schema.items.map { validate(item, against: $0, at: inner) }
                ?? untyped(item, name: place.name)
            if let value { values.append(value) } else { isValid = false }
        }
        guard isValid else { return nil }
        return Value(
            settings: .array(values.map(\.settings)), printed: .array(values.map(\.printed)))
    }

    /// A value of which the schema says nothing.
    func untyped(_ node: YAMLNode, name: String) -> Value? {
        let isSensitive = isSensitiveName(name)
        switch node.value {
        case .scalar(let scalar):
            if scalar.expansion?.failed == true { return nil }
            if isSensitive, !node.isNull { markSecret(node) }
            return Value(settings: scalar.json, printed: printed(scalar, isSecret: isSensitive))
        case .sequence(let nodes):
            let values = nodes.compactMap { untyped($0, name: name) }
            guard values.count == nodes.count else { return nil }
            return Value(
                settings: .array(values.map(\.settings)), printed: .array(values.map(\.printed)))
        case .mapping(let entries):
            var (settings, shown): ([JSONMember], [JSONMember]) = ([], [])
            for entry in entries {
                guard let value = untyped(entry.node, name: entry.key) else { return nil }
                settings.append(JSONMember(entry.key, value.settings))
                shown.append(JSONMember(entry.key, value.printed))
            }
            return Value(settings: .object(settings), printed: .object(shown))
        }
    }

    func printed(_ scalar: YAMLScalar, isSecret: Bool) -> JSONValue {
        if case .null = scalar.resolved { return .null }
        if isSecret || scalar.expansion?.isTainted == true { return .string(redactedText) }
        if case .string(let text) = scalar.resolved { return .string(maskingUserInfo(text)) }
        return scalar.json
    }
}
