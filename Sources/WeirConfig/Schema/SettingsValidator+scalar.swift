import WeirJSON

extension SettingsValidator {
    func checkScalar(
        _ scalar: YAMLScalar, of node: YAMLNode, against schema: SchemaNode, at place: Place
    ) -> Value? {
        let isSecret = place.hides(schema)
        if case .null = scalar.resolved { return checkNull(node, against: schema, at: place) }
        if let format = schema.format, format.isNumeric {
            return checkQuantity(scalar, format, of: node, against: schema, at: place)
        }
        guard let json = schema.convert(scalar) else { return wrongType(node, schema, place) }
        guard let allowed = allowedForm(of: json, in: schema) else {
            reportNotAllowed(node, schema, place)
            return nil
        }
        if let limit = schema.limitBroken(by: allowed) {
            collector.report(
                .outOfRange, at: node.location, path: place.path,
                "'\(place.name)' is out of range", found: describe(node, isSecret: isSecret),
                expected: limit)
            return nil
        }
        if case .string(let text) = allowed {
            guard checkText(text, of: node, against: schema, at: place) else { return nil }
        }
        // Nothing to hide in empty text, nor in a switch that has a secret's name.
        var isHidden = isSecret && allowed != .string("")
        if case .bool = allowed { isHidden = schema.isSecret || place.isSecret }
        if isHidden || scalar.expansion?.isTainted == true {
            return Value(settings: allowed, printed: .string(redactedText))
        }
        if case .string(let text) = allowed {
            return Value(settings: allowed, printed: .string(maskingUserInfo(text)))
        }
        return Value(allowed)
    }

    private func checkNull(
        _ node: YAMLNode, against schema: SchemaNode, at place: Place
    ) -> Value? {
        if schema.types.contains("null") || schema.acceptsAnything { return Value(.null) }
        if schema.prefersObject { return checkObject([], against: schema, at: place) }
        if schema.allowsArray {
            return checkArray([], of: node, against: schema, at: place)
        }
        collector.report(
            .missingValue, at: place.key, path: place.path, "'\(place.name)' has no value",
            expected: schema.expectation)
        return nil
    }

    private func checkQuantity(
        _ scalar: YAMLScalar, _ format: ValueFormat, of node: YAMLNode,
        against schema: SchemaNode, at place: Place
    ) -> Value? {
        if case .boolean = scalar.resolved { return wrongType(node, schema, place) }
        let isHidden =
            place.isSecret || schema.isSecret || scalar.expansion?.isTainted == true
        let amount: Int64
        do throws(FormatComplaint) {
            amount = try format.amount(of: scalar.text)
        } catch {
            reportFormat(error, format, of: node, isHidden: isHidden, at: place)
            return nil
        }
        if let limit = schema.limitBroken(byAmount: amount, of: format) {
            collector.report(
                .outOfRange, at: node.location, path: place.path,
                "'\(place.name)' is out of range", found: describe(node, isSecret: isHidden),
                expected: limit)
            return nil
        }
        let written: JSONValue = Int64(scalar.text).map { .integer($0) } ?? .string(scalar.text)
        return Value(
            settings: .integer(amount), printed: isHidden ? .string(redactedText) : written)
    }

    private func checkText(
        _ text: String, of node: YAMLNode, against schema: SchemaNode, at place: Place
    ) -> Bool {
        let isHidden =
            place.hides(schema)
            || node.scalar?.expansion?.isTainted == true
        if let minimum = schema.minLength, text.unicodeScalars.count < minimum {
            collector.report(
                .tooShort, at: node.location, path: place.path,
                text.isEmpty ? "'\(place.name)' is empty" : "'\(place.name)' is too short",
                found: describe(node, isSecret: isHidden),
                expected: minimum == 1 ? "some text" : "at least \(minimum) characters")
            return false
        }
        if let format = schema.format, let complaint = format.complaint(about: text) {
            // An optional endpoint may be left empty where the schema's default is empty.
            if text.isEmpty, schema.defaultValue == .string("") { return true }
            reportFormat(complaint, format, of: node, isHidden: isHidden, at: place)
            return false
        }
        return true
    }

    private func reportFormat(
        _ complaint: FormatComplaint, _ format: ValueFormat, of node: YAMLNode, isHidden: Bool,
        at place: Place
    ) {
        // The reason and the advice quote the value.
        let reason = isHidden ? "" : ": \(maskingUserInfo(complaint.reason))"
        collector.report(
            format.code, at: node.location, path: place.path,
            "'\(place.name)' is not \(format.noun)\(reason)",
            found: describe(node, isSecret: isHidden), expected: format.expectation,
            suggestion: isHidden ? nil : complaint.suggestion.map(maskingUserInfo))
    }

    private func reportNotAllowed(_ node: YAMLNode, _ schema: SchemaNode, _ place: Place) {
        let names = (schema.allowedValues ?? []).map(\.shown)
        let isHidden = place.hides(schema) || node.scalar?.expansion?.isTainted == true
        let near = isHidden ? nil : node.scalar.flatMap { nearestName(to: $0.text, in: names) }
        collector.report(
            .notAllowedValue, at: node.location, path: place.path,
            "'\(place.name)' does not have this value", found: describe(node, isSecret: isHidden),
            expected: listed(names), suggestion: near.map(didYouMean))
    }

    /// The value as the schema's `enum` writes it; `nil` where it is not among them.
    private func allowedForm(of json: JSONValue, in schema: SchemaNode) -> JSONValue? {
        guard let allowed = schema.allowedValues else { return json }
        if allowed.contains(json) { return json }
        guard schema.ignoresCase, case .string(let text) = json else { return nil }
        return allowed.first { $0.stringValue?.lowercased() == text.lowercased() }
    }
}

extension ValueFormat {
    var noun: String {
        switch self {
        case .duration, .prometheusDuration: "a duration"
        case .bytes, .prometheusBytes: "a size"
        case .text: "text"
        case .endpoint, .hostport: "an endpoint"
        case .url: "a URL"
        case .uri: "a URI"
        case .path: "a path"
        }
    }

    /// The integer of a numeric format.
    func amount(of text: String) throws(FormatComplaint) -> Int64 {
        switch self {
        case .duration: try parseDurationOrExplain(text)
        case .prometheusDuration: try parsePrometheusDurationOrExplain(text)
        case .prometheusBytes: try parsePrometheusByteSizeOrExplain(text)
        default: try parseByteSizeOrExplain(text)
        }
    }
}

extension JSONValue {
    /// A scalar as it would be written, for lists of allowed values.
    var shown: String {
        switch self {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .integer(let integer): String(integer)
        case .number(let number): "\(number)"
        case .string(let text): text.isEmpty ? "\"\"" : text
        case .array: "[…]"
        case .object: "{…}"
        }
    }
}
