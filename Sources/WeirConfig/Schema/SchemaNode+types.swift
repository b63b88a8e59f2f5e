import WeirJSON

extension SchemaNode {
    private func allows(_ type: String) -> Bool { types.isEmpty || types.contains(type) }

    /// Whether the schema says nothing about the value.
    var acceptsAnything: Bool {
        types.isEmpty && properties.isEmpty && items == nil && allowedValues == nil
            && format == nil && alternatives.isEmpty
    }

    var allowsArray: Bool {
        types.isEmpty ? acceptsAnything || items != nil : types.contains("array")
    }
    var allowsNull: Bool { types.contains("null") }
    /// Whether a key without a value means an empty object.
    var prefersObject: Bool {
        types.contains("object") || (types.isEmpty && !properties.isEmpty)
    }

    /// The scalar as the schema's types want it; `nil` where it is of another type.
    func convert(_ scalar: YAMLScalar) -> JSONValue? {
        if types.isEmpty, format == nil { return scalar.json }
        if format == .text, scalar.resolved != .null { return .string(scalar.text) }
        let allowsString = format != nil && types.isEmpty || allows("string")
        switch scalar.resolved {
        case .null: return allows("null") ? .null : nil
        case .boolean(let flag) where types.contains("boolean"): return .bool(flag)
        case .integer(let integer) where types.contains("integer"): return .integer(integer)
        case .integer(let integer) where types.contains("number"): return .number(Double(integer))
        case .number(let number) where types.contains("number") && number.isFinite:
            return .number(number)
        case .number(let number) where types.contains("integer"):
            return Int64(exactly: number).map { .integer($0) }
        case .string(let text) where scalar.expansion == nil:
            return allowsString ? .string(text) : nil
        default: break
        }
        // Only text from a variable bends to the schema.
        guard scalar.expansion != nil else { return nil }
        if allowsString { return .string(scalar.text) }
        switch resolveCore(scalar.text) {
        case .boolean(let flag) where types.contains("boolean"): return .bool(flag)
        case .integer(let integer) where types.contains("integer"): return .integer(integer)
        case .integer(let integer) where types.contains("number"): return .number(Double(integer))
        case .number(let number) where types.contains("number") && number.isFinite:
            return .number(number)
        default: return nil
        }
    }

    /// What the schema wants, in words.
    var expectation: String {
        if let format { return format.expectation }
        if let allowedValues { return listed(allowedValues.map(\.shown)) }
        if types.isEmpty {
            if !properties.isEmpty { return "a mapping" }
            return items == nil ? "a value" : "a list"
        }
        let names = [
            "string": "text", "integer": "an integer", "number": "a number",
            "boolean": "true or false", "array": "a list", "object": "a mapping", "null": "nothing",
        ]
        return listed(types.map { names[$0] ?? $0 })
    }

    /// How to turn what was written into what is wanted, where that is plain.
    func conversionAdvice(for node: YAMLNode, isSecret: Bool) -> String? {
        guard let scalar = node.scalar else {
            if node.sequence != nil, prefersObject { return "remove the '-' before the keys" }
            if let only = node.sequence, only.count == 1, only[0].scalar != nil {
                return "write the value alone, without a list"
            }
            return nil
        }
        if scalar.expansion != nil {
            return prefersObject || allowsArray
                ? "a variable can stand for one value only, not for a list or a mapping" : nil
        }
        if let format { return isSecret ? nil : format.complaint(about: scalar.text)?.suggestion }
        if types.contains("boolean"), scalar.isPlain {
            switch scalar.text.lowercased() {
            case "yes", "on", "y": return "write true"
            case "no", "off", "n": return "write false"
            default: break
            }
        }
        let inner = resolveCore(scalar.text)
        if !scalar.isPlain, inner != .null {
            let bare = YAMLScalar(text: scalar.text, isPlain: true, tag: nil)
            if convert(bare) != nil { return "remove the quotes" }
        }
        if types.contains("string"), scalar.isPlain, !isSecret {
            return "put it into quotes: \"\(scalar.text)\""
        }
        if types.contains("string"), scalar.isPlain { return "put it into quotes" }
        if allowsArray, !types.isEmpty {
            return isSecret ? "put it into a list" : "write it as a list: [\(scalar.text)]"
        }
        return nil
    }
}

extension SchemaNode {
    /// The limit that a number breaks, in words.
    func limitBroken(by json: JSONValue) -> String? {
        let value: Double
        switch json {
        case .integer(let integer): value = Double(integer)
        case .number(let number): value = number
        default: return nil
        }
        func number(_ limit: JSONValue?) -> Double? {
            switch limit {
            case .integer(let integer)?: Double(integer)
            case .number(let number)?: number
            default: nil
            }
        }
        return broken { limit, isInside in
            guard let bound = number(limit) else { return false }
            return !isInside(value, bound)
        }
    }

    /// As above for durations and sizes, whose limits may be written as text, too.
    func limitBroken(byAmount amount: Int64, of format: ValueFormat) -> String? {
        broken { limit, isInside in
            let bound: Int64? =
                switch limit {
                case .integer(let integer): integer
                case .string(let text): try? format.amount(of: text)
                default: nil
                }
            guard let bound else { return false }
            // Exact for what people write: below 2^53, and both sides round alike beyond.
            return !isInside(Double(amount), Double(bound))
        }
    }

    private func broken(
        _ breaks: (JSONValue, (Double, Double) -> Bool) -> Bool
    ) -> String? {
        let limits: [(JSONValue?, (Double, Double) -> Bool, String)] = [
            (minimum, { $0 >= $1 }, "at least"), (maximum, { $0 <= $1 }, "at most"),
            (exclusiveMinimum, { $0 > $1 }, "more than"),
            (exclusiveMaximum, { $0 < $1 }, "less than"),
        ]
        var parts: [String] = []
        var isBroken = false
        for case (let limit?, let isInside, let words) in limits {
            isBroken = isBroken || breaks(limit, isInside)
            parts.append("\(words) \(limit.shown)")
        }
        return isBroken ? parts.joined(separator: " and ") : nil
    }
}
