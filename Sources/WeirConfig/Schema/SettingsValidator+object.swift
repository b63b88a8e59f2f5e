import WeirJSON

extension SettingsValidator {
    func checkObject(
        _ entries: [YAMLEntry], against schema: SchemaNode, at place: Place
    ) -> Value? {
        var isValid = true
        var known: [String: Value] = [:]
        var further: [(key: String, value: Value)] = []
        for entry in entries {
            let inner = Place(
                path: place.path.appending(key: entry.key), key: entry.keyLocation,
                name: entry.key, isSecret: place.isSecret || schema.isSecret)
            if let property = schema.property(entry.key) {
                if takesDefault(entry.node, property) { continue }
                if let value = validate(entry.node, against: property, at: inner) {
                    known[entry.key] = value
                } else {
                    isValid = false
                }
            } else {
                if let value = checkFurther(entry, against: schema, at: inner) {
                    further.append((entry.key, value))
                } else {
                    isValid = false
                }
            }
        }
        for name in schema.required where !entries.contains(where: { $0.key == name }) {
            isValid = false
            collector.report(
                .missingKey, at: place.key, path: place.path,
                "'\(name)' is missing from '\(place.name)'",
                expected: (try? schema.property(name)?.resolved())?.expectation)
        }
        guard isValid else { return nil }
        return assemble(known, further, schema, place)
    }

    /// A key without a value takes its default; an object becomes empty instead.
    private func takesDefault(_ node: YAMLNode, _ property: Schema) -> Bool {
        guard node.isNull, let schema = try? property.resolved() else { return false }
        return schema.defaultValue != nil && !schema.allowsNull && !schema.prefersObject
    }

    private func checkFurther(
        _ entry: YAMLEntry, against schema: SchemaNode, at place: Place
    ) -> Value? {
        switch schema.effectiveAdditional {
        case .anything: return untyped(entry.node, name: entry.key)
        case .schema(let further):
            guard var value = validate(entry.node, against: further, at: place) else { return nil }
            if isSensitiveName(entry.key), entry.node.scalar != nil {
                value.printed = .string(redactedText)
            }
            return value
        case .forbidden:
            let names = schema.properties.map(\.name)
            let near = nearestName(to: entry.key, in: names) ?? namesake(of: entry.key, in: names)
            let meant = near.flatMap { try? schema.property($0)?.resolved() }
            if meant?.isSecret == true || isSensitiveName(entry.key) {
                hide(entry.node)
            }
            collector.report(
                .unknownKey, at: entry.keyLocation, path: place.path,
                "unknown key '\(entry.key)'",
                expected: names.isEmpty ? "no keys here" : listed(names),
                suggestion: near.map(didYouMean))
            return nil
        }
    }

    private func hide(_ node: YAMLNode) {
        switch node.value {
        case .scalar: collector.markSecret(node.location)
        case .sequence(let nodes): nodes.forEach(hide)
        case .mapping(let entries): entries.forEach { hide($0.node) }
        }
    }

    private func assemble(
        _ known: [String: Value], _ further: [(key: String, value: Value)], _ schema: SchemaNode,
        _ place: Place
    ) -> Value? {
        var settings: [JSONMember] = []
        var printed: [JSONMember] = []
        for (name, property) in schema.properties {
            let value: Value
            if let written = known[name] {
                value = written
            } else {
                let inner = Place(
                    path: place.path.appending(key: name), key: place.key, name: name)
                guard let fallback = try? property.resolved().defaultValue else { continue }
                guard let filled = fill(fallback, property, inner) else { return nil }
                value = filled
            }
            settings.append(JSONMember(name, value.settings))
            printed.append(JSONMember(name, value.printed))
        }
        for (key, value) in further {
            settings.append(JSONMember(key, value.settings))
            printed.append(JSONMember(key, value.printed))
        }
        return Value(settings: .object(settings), printed: .object(printed))
    }

    /// A default goes through the same checks as what is written, so that durations become
    /// integers and inner defaults are filled in. A default that fails is the schema's fault.
    private func fill(_ fallback: JSONValue, _ property: Schema, _ place: Place) -> Value? {
        if fallback == .null { return Value(.null) }
        guard place.path.utf8.count(where: { $0 == UInt8(ascii: ".") }) < 48 else {
            return brokenDefault("its defaults contain each other", place)
        }
        let mark = collector.count
        guard var node = try? property.resolved() else { return nil }
        node.isDeprecated = false
        node.hasNoEffect = false
        let value = collector.withoutSecrets {
            check(YAMLNode(fallback, location: place.key), against: node, at: place)
        }
        if value == nil {
            let faults = collector.takeBack(to: mark)
            if faults.contains(where: { $0.code == .brokenSchema }) {
                collector.append(faults)
                return nil
            }
            return brokenDefault(
                "the default of '\(place.name)' does not fit: "
                    + (faults.first.map { $0.message } ?? "unknown fault"), place)
        }
        return value
    }

    private func brokenDefault(_ reason: String, _ place: Place) -> Value? {
        collector.report(
            .brokenSchema, at: place.key, path: place.path,
            "the plugin's schema is broken: \(reason)",
            suggestion: "this is a fault of the plugin, not of the configuration")
        return nil
    }
}

extension YAMLNode {
    /// A default of a schema, as if it stood at `location`.
    init(_ json: JSONValue, location: SourceLocation) {
        func plain(_ text: String) -> Value {
            .scalar(YAMLScalar(text: text, isPlain: true, tag: nil))
        }
        self.location = location
        switch json {
        case .null: value = plain("null")
        case .bool(let flag): value = plain(flag ? "true" : "false")
        case .integer(let integer): value = plain(String(integer))
        case .number(let number): value = plain("\(number)")
        case .string(let text):
            value = .scalar(YAMLScalar(text: text, isPlain: false, tag: nil))
        case .array(let elements):
            value = .sequence(elements.map { YAMLNode($0, location: location) })
        case .object(let members):
            value = .mapping(
                members.map {
                    YAMLEntry(
                        key: $0.key, keyLocation: location,
                        node: YAMLNode($0.value, location: location))
                })
        }
    }
}
