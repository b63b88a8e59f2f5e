extension ConfigurationBuilder {
    mutating func readPipelines(_ section: YAMLEntry?, orAt place: SourceLocation) {
        let entries = section?.node.mapping ?? []
        if entries.isEmpty {
            if isIncomplete || section.map({ $0.node.mapping == nil && !$0.node.isNull }) ?? false {
                return
            }
            hasRejectedPipelines = true
            collector.report(
                .noPipelines, at: section?.keyLocation ?? place, path: "service.pipelines",
                "there is no pipeline",
                expected: "at least one of traces, metrics or logs under 'service.pipelines'")
        }
        for entry in entries {
            let path = "service.pipelines".appending(key: entry.key)
            guard let id = pipelineID(entry.key, at: entry.keyLocation, path: path) else {
                hasRejectedPipelines = true
                continue
            }
            var draft = PipelineDraft(id: id, location: entry.keyLocation, path: path)
            var counts = (inputs: 0, outputs: 0)
            var isReadable = entry.node.mapping != nil || entry.node.isNull
            for role in PipelineRole.roles(dialect) {
                guard let list = entry.node[role.key], !list.node.isNull else { continue }
                guard let items = list.node.sequence else {
                    hasRejectedPipelines = true
                    isReadable = false
                    continue
                }
                if role.place == .input { counts.inputs += items.count }
                if role.place == .output { counts.outputs += items.count }
                readMembers(
                    items, role: role, of: &draft, path: path.appending(key: role.key))
            }
            pipelines.append(draft)
            if isReadable, !isIncomplete { checkEnds(draft, counts, entry) }
        }
    }

    private func checkEnds(
        _ draft: PipelineDraft, _ counts: (inputs: Int, outputs: Int), _ entry: YAMLEntry
    ) {
        // A misspelled list was reported as an unknown key; the list is not missing, too.
        let roles = PipelineRole.roles(dialect)
        let unknown = (entry.node.mapping ?? []).map(\.key).filter { key in
            !roles.contains { $0.key == key }
        }
        func isMeant(_ place: PipelineRole.Place) -> Bool {
            unknown.contains { key in
                guard let near = nearestName(to: key, in: roles.map(\.key)) else { return false }
                return roles.contains { $0.key == near && $0.place == place }
            }
        }
        if counts.inputs == 0, !isMeant(.input) {
            let keys = roles.filter { $0.place == .input }.map(\.key)
            collector.report(
                .noInputs, at: draft.location, path: draft.path,
                "the pipeline '\(draft.id)' has no input",
                expected: "at least one id under \(listed(keys.map { "'\($0)'" }))")
        }
        if counts.outputs == 0, !isMeant(.output) {
            let keys = roles.filter { $0.place == .output }.map(\.key)
            collector.report(
                .noOutputs, at: draft.location, path: draft.path,
                "the pipeline '\(draft.id)' has no output",
                expected: "at least one id under \(listed(keys.map { "'\($0)'" }))")
        }
    }

    private func pipelineID(
        _ text: String, at place: SourceLocation, path: String
    ) -> PipelineID? {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let signal = parts.first.map(String.init) ?? ""
        let names = Signal.allCases.map(\.rawValue)
        if let signal = Signal(rawValue: signal), parts.count < 2 || !parts[1].isEmpty {
            return PipelineID(signal: signal, name: parts.count > 1 ? String(parts[1]) : "")
        }
        collector.report(
            .badPipelineID, at: place, path: path, "'\(text)' does not begin with a signal",
            expected: "\(listed(names)), or one of them and a name: traces/backup",
            suggestion: nearestName(to: signal, in: names).map(didYouMean))
        return nil
    }

    private mutating func readMembers(
        _ items: [YAMLNode], role: PipelineRole, of draft: inout PipelineDraft, path: String
    ) {
        var seen: Set<String> = []
        for (index, item) in items.enumerated() {
            let itemPath = path.appending(index: index)
            guard let scalar = item.scalar, scalar.expansion?.failed != true,
                case .string(let text) = scalar.resolved
            else { continue }
            guard seen.insert(text).inserted else {
                collector.report(
                    .listedTwice, at: item.location, path: itemPath,
                    "'\(shown(item))' is listed twice in the pipeline '\(draft.id)'",
                    suggestion: role.place == .processor
                        ? "to run it twice, define a second one, such as \(shown(item))/2" : nil)
                continue
            }
            guard let member = resolve(item, text, role: role, draft: draft, path: itemPath) else {
                continue
            }
            definitions[member.definition].isUsed = true
            switch role.place {
            case .input: draft.inputs.append(member)
            case .processor: draft.processors.append(member)
            case .output: draft.outputs.append(member)
            }
        }
    }

    /// An id as messages may show it.
    func shown(_ node: YAMLNode) -> String {
        guard let scalar = node.scalar else { return "" }
        if let expansion = scalar.expansion, expansion.isTainted { return expansion.reference }
        return scalar.text
    }
}
