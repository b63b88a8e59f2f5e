extension ConfigurationBuilder {
    mutating func readSection(_ section: YAMLEntry, kind: ComponentKind) {
        if section.node.isNull { return }
        guard let entries = section.node.mapping else {
            rejectedKinds.insert(kind)
            collector.report(
                .wrongType, at: section.node.location, path: section.key,
                "the section '\(section.key)' has the wrong type", found: describe(section.node),
                expected: "a mapping of component ids",
                suggestion: section.node.sequence == nil
                    ? nil : "remove the '-' and end each id with ':'")
            return
        }
        for entry in entries {
            let path = section.key.appending(key: entry.key)
            guard let id = componentID(entry.key, at: entry.keyLocation, path: path) else {
                rejectedIDs.insert(entry.key)
                continue
            }
            let component = component(id, kind, at: entry.keyLocation, path: path)
            var value: SettingsValidator.Value?
            if let component {
                value = SettingsValidator(collector: collector).validate(
                    entry.node, against: Schema(component.schema, fragments: catalog.fragments),
                    at: .init(path: path, key: entry.keyLocation, name: entry.key))
            }
            definitions.append(
                Definition(
                    id: id, kind: kind, component: component, value: value,
                    location: entry.keyLocation, path: path))
        }
    }

    /// Splits `type/name`, or reports what is wrong with it.
    func componentID(_ text: String, at place: SourceLocation, path: String) -> ComponentID? {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let type = parts.first ?? ""
        let isType =
            type.utf8.first.map { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A } ?? false
            && type.utf8.allSatisfy {
                isDigit($0) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || $0 == UInt8(ascii: "_")
            }
        let hasName = parts.count < 2 || !parts[1].isEmpty && !parts[1].contains { $0.isWhitespace }
        guard isType, hasName else {
            collector.report(
                .badComponentID, at: place, path: path, "'\(text)' is not a component id",
                expected: "a type, or a type and a name: otlp or otlp/backup",
                suggestion: text.contains("-")
                    ? "types are written with '_': \(text.replacing("-", with: "_"))" : nil)
            return nil
        }
        return ComponentID(type: String(type), name: parts.count > 1 ? String(parts[1]) : "")
    }

    private func component(
        _ id: ComponentID, _ kind: ComponentKind, at place: SourceLocation, path: String
    ) -> ComponentCatalog.Component? {
        let type = dialect.canonicalType(id.type, kind: kind)
        if let component = catalog.component(kind, type) {
            if component.deprecatedAliases.contains(type) {
                collector.report(
                    .deprecatedAlias, at: place, path: path,
                    "'\(id.type)' is an older name of '\(component.type)'",
                    suggestion: "write \(ComponentID(type: component.type, name: id.name))")
            }
            return component
        }
        let name = dialect.name(of: kind)
        let others = ComponentKind.allCases.filter { catalog.component($0, type) != nil }
        if others.first == .exporter, kind == .sink, dialect == .collector {
            collector.report(
                .componentInWrongSection, at: place, path: path,
                "'\(id.type)' is an exporter that collects metrics, not one that delivers",
                found: "a file without 'sinks:', which is read as a Collector's",
                suggestion: "put what delivers under 'sinks:'")
            return nil
        }
        if kind == .exporter, others.contains(.sink) {
            collector.report(
                .componentInWrongSection, at: place, path: path,
                "'\(id.type)' is a sink, not an exporter that collects metrics",
                found: "a file with 'sinks:', in which 'exporters' are what collects",
                expected: "it stands under 'sinks'",
                suggestion: "move it under 'sinks', or rename 'sinks' to 'exporters' throughout")
            return nil
        }
        if let other = others.first {
            collector.report(
                .componentInWrongSection, at: place, path: path,
                "'\(id.type)' is \(article(dialect.name(of: other))), not \(article(name))",
                found: "it stands under '\(dialect.section(of: kind) ?? kind.section)'",
                expected: dialect.section(of: other).map { "it stands under '\($0)'" })
            return nil
        }
        let types = catalog.types(of: kind)
        collector.report(
            .unknownComponentType, at: place, path: path, "there is no \(name) '\(id.type)'",
            expected: types.isEmpty ? "no \(name) is installed" : listed(types),
            suggestion: nearestName(to: type, in: types).map(didYouMean))
        return nil
    }
}

func article(_ noun: String) -> String {
    let vowels = "aeiou"
    return noun.first.map { vowels.contains($0) } ?? false ? "an \(noun)" : "a \(noun)"
}
