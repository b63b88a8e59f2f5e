extension ConfigurationBuilder {
    /// Finds what a pipeline's list names.
    mutating func resolve(
        _ node: YAMLNode, _ text: String, role: PipelineRole, draft: PipelineDraft, path: String
    ) -> PipelineDraft.Member? {
        let indices = definitions.indices.filter { definitions[$0].id.description == text }
        var fitting = indices.filter { role.kinds.contains(definitions[$0].kind) }
        if fitting.count > 1 { fitting.removeAll { definitions[$0].component == nil } }
        guard let index = fitting.first else {
            let elsewhere = indices.filter { definitions[$0].kind != .extension }
            for index in elsewhere { definitions[index].isUsed = true }
            // A component in the wrong section, or of no known type, was reported there.
            if elsewhere.contains(where: { definitions[$0].component == nil }) { return nil }
            if elsewhere.isEmpty {
                reportUndefined(node, text, role: role, path: path)
            } else {
                reportWrongRole(node, text, at: elsewhere, role: role, path: path)
            }
            return nil
        }
        if fitting.count > 1 {
            for index in fitting { definitions[index].isUsed = true }
            let sections = fitting.compactMap { dialect.section(of: definitions[$0].kind) }
            collector.report(
                .ambiguousID, at: node.location, path: path,
                "'\(shown(node))' names two components",
                found: "it stands under \(sections.map { "'\($0)'" }.joined(separator: " and "))",
                suggestion: "give one of them a name, such as \(shown(node))/2")
        }
        let definition = definitions[index]
        checkSignal(definition, role: role, draft: draft, at: node, path: path)
        return PipelineDraft.Member(
            definition: index, kind: definition.kind, id: definition.id, location: node.location,
            path: path)
    }

    private func reportWrongRole(
        _ node: YAMLNode, _ text: String, at indices: [Int], role: PipelineRole, path: String
    ) {
        let kind = definitions[indices[0]].kind
        let roles = PipelineRole.roles(dialect).filter { $0.kinds.contains(kind) }.map(\.key)
        collector.report(
            .wrongRole, at: node.location, path: path,
            "'\(shown(node))' is \(article(dialect.name(of: kind))); it stands under '\(role.key)'",
            expected: listed(role.kinds.map { article(dialect.name(of: $0)) }),
            suggestion: "list it under \(listed(roles.map { "'\($0)'" }))")
    }

    private mutating func reportUndefined(
        _ node: YAMLNode, _ text: String, role: PipelineRole, path: String
    ) {
        if isIncomplete || rejectedIDs.contains(text) { return }
        if !rejectedKinds.isDisjoint(with: role.kinds) { return }
        let candidates = definitions.indices.filter { role.kinds.contains(definitions[$0].kind) }
        let names = candidates.map { definitions[$0].id.description }
        let isTainted = node.scalar?.expansion?.isTainted == true
        let near = isTainted ? nil : nearestName(to: text, in: names)
        // What was meant is used, so that one slip is not reported twice.
        for index in candidates where definitions[index].id.description == near {
            definitions[index].isUsed = true
            // The slip is where it is defined, and has been reported there.
            if definitions[index].component == nil { return }
        }
        let sections = role.kinds.compactMap(dialect.section)
        let type = String(text.prefix { $0 != "/" })
        let offered = role.kinds.first {
            catalog.component($0, dialect.canonicalType(type, kind: $0)) != nil
        }
        var advice = near.map(didYouMean)
        if advice == nil, !isTainted, let section = offered.flatMap(dialect.section) {
            advice = "define it: add '\(text):' under '\(section)'"
        }
        collector.report(
            .undefinedComponent, at: node.location, path: path,
            "'\(shown(node))' is not defined under \(listed(sections.map { "'\($0)'" }))",
            expected: names.isEmpty ? nil : listed(names), suggestion: advice)
    }

    private func checkSignal(
        _ definition: Definition, role: PipelineRole, draft: PipelineDraft, at node: YAMLNode,
        path: String
    ) {
        guard let component = definition.component else { return }
        let signal = draft.id.signal
        let supported: Set<Signal> =
            switch role.place {
            case .input: component.signalsOut
            case .processor: component.signalsIn.intersection(component.signalsOut)
            case .output: component.signalsIn
            }
        guard !supported.contains(signal) else { return }
        let verb =
            switch role.place {
            case .input: "yields no"
            case .processor: "does not process"
            case .output: "does not take"
            }
        let names = Signal.allCases.filter(supported.contains).map(\.rawValue)
        collector.report(
            .unsupportedSignal, at: node.location, path: path,
            "the \(dialect.name(of: definition.kind)) '\(shown(node))' \(verb) \(signal)",
            found: "it stands in the pipeline '\(draft.id)'",
            expected: names.isEmpty
                ? "no pipeline at this place" : "a pipeline of \(listed(names))")
    }
}
