import WeirJSON

extension SettingsValidator {
    /// `anyOf` and `oneOf`: the first alternative without an error wins. Where none fits, the
    /// faults of the one that was meant are reported, if that can be told.
    func checkAlternatives(
        _ node: YAMLNode, against schema: SchemaNode, at place: Place
    ) -> Value? {
        if reportUnknownForm(node, schema, place) { return nil }
        var attempts: [(schema: SchemaNode, faults: [DiagnosticCollector.Finding])] = []
        for alternative in schema.alternatives {
            let candidate: SchemaNode
            do {
                var outer = schema
                // Both were reported or applied before the alternatives are tried.
                outer.isDeprecated = false
                outer.hasNoEffect = false
                candidate = outer.choosing(try alternative.resolved())
            } catch {
                collector.report(
                    .brokenSchema, at: place.key, path: place.path,
                    "the plugin's schema is broken: \(error.message)",
                    suggestion: "this is a fault of the plugin, not of the configuration")
                return nil
            }
            let mark = collector.count
            let value = check(node, against: candidate, at: place)
            if let value, !collector.hasErrors(since: mark) { return value }
            let faults = collector.takeBack(to: mark)
            // Only a variable that could not be read has nothing to say.
            if faults.isEmpty { return nil }
            attempts.append((candidate, faults))
        }
        let meant = attempts.filter { fits(node, $0.schema) }
        if let best = meant.min(by: { $0.faults.count < $1.faults.count }),
            meant.count == 1 || node.mapping != nil
        {
            collector.append(best.faults)
            return nil
        }
        var expectations: [String] = []
        for attempt in attempts where !expectations.contains(attempt.schema.expectation) {
            expectations.append(attempt.schema.expectation)
        }
        collector.report(
            .noAlternative, at: node.location, path: place.path,
            "'\(place.name)' fits none of its forms",
            found: describe(node, isSecret: place.hides(schema)),
            expected: expectations.joined(separator: "; or "))
        return nil
    }

    /// Whether a node is of the sort that an alternative wants, and, for mappings, whether the keys
    /// that tell alternatives apart (`const`) agree.
    private func fits(_ node: YAMLNode, _ schema: SchemaNode) -> Bool {
        switch node.value {
        case .sequence: return schema.allowsArray
        case .scalar(let scalar):
            return scalar.resolved == .null
                ? schema.prefersObject : !schema.prefersObject && schema.convert(scalar) != nil
        case .mapping(let entries):
            guard schema.allowsObject else { return false }
            return entries.allSatisfy { entry in
                guard let property = try? schema.property(entry.key)?.resolved(),
                    let allowed = property.allowedValues, allowed.count == 1,
                    let scalar = entry.node.scalar
                else { return true }
                return property.convert(scalar) == allowed[0]
            }
        }
    }

    /// Where a key with a `const` tells the alternatives apart and it is missing or has none of
    /// their values, that key is the fault, whatever else does not fit.
    private func reportUnknownForm(
        _ node: YAMLNode, _ schema: SchemaNode, _ place: Place
    ) -> Bool {
        guard let entries = node.mapping else { return false }
        let forms = schema.alternatives.compactMap { try? $0.resolved() }
        for (name, _) in forms.first?.properties ?? [] {
            let values = forms.compactMap { form -> JSONValue? in
                let allowed = (try? form.property(name)?.resolved())?.allowedValues
                return allowed?.count == 1 ? allowed?.first : nil
            }
            guard values.count == forms.count, values.count > 1 else { continue }
            if let entry = entries.first(where: { $0.key == name }) {
                guard let scalar = entry.node.scalar, scalar.expansion?.failed != true,
                    !values.contains(scalar.json)
                else { continue }
                var words = SchemaNode()
                words.allowedValues = values
                let inner = Place(
                    path: place.path.appending(key: name), key: entry.keyLocation, name: name,
                    isSecret: place.isSecret)
                _ = check(entry.node, against: words, at: inner)
                return true
            }
            let isRequired =
                schema.required.contains(name) || forms.allSatisfy { $0.required.contains(name) }
            guard isRequired else { continue }
            collector.report(
                .missingKey, at: place.key, path: place.path,
                "'\(name)' is missing from '\(place.name)'", expected: listed(values.map(\.shown)))
            return true
        }
        return false
    }
}
