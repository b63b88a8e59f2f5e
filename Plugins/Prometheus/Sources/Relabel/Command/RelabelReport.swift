import WeirJSON
import WeirPrometheus

/// What one list of rules made of one set of labels.
struct RelabelReport {
    /// `relabel_configs`
    var title: String
    var input: Labels
    var steps: [RelabelStep]

    /// `nil`: dropped.
    var output: Labels? {
        guard let last = steps.last else { return input }
        return last.labels
    }

    var text: String {
        var text = "\(title)\n  \(input)\n"
        if steps.isEmpty { text += "  no rules\n" }
        for step in steps {
            text += "  rule \(step.number): \(step.rule.summary)\n"
            text += "    \(verdict(of: step))\n"
            for change in step.changes { text += "    \(change.text)\n" }
        }
        if let output {
            return text + "  kept: \(output)\n"
        }
        return text + "  dropped by rule \(steps.last?.number ?? 1)\n"
    }

    private func verdict(of step: RelabelStep) -> String {
        let source = step.rule.action.goesByName ? "" : "\"\(step.source)\" "
        switch step.rule.action {
        case .keepequal, .dropequal: return source + (step.matched ? "is equal" : "is not equal")
        case .labelmap, .labeldrop, .labelkeep:
            return step.changes.isEmpty ? "changes no label" : "changes:"
        case .hashmod, .lowercase, .uppercase: return source + "is taken"
        default: return source + (step.matched ? "matches" : "does not match")
        }
    }

    var json: JSONValue {
        .object([
            JSONMember("rules", .string(title)),
            JSONMember("input", input.json),
            JSONMember("steps", .array(steps.map(\.json))),
            JSONMember("output", output?.json ?? .null),
        ])
    }
}

extension RelabelRule {
    /// `keep [app] =~ web`
    fileprivate var summary: String {
        let sources = sourceLabels.isEmpty ? "" : " [\(sourceLabels.joined(separator: separator))]"
        let pattern = regex == "(.*)" ? "" : " =~ \(regex)"
        switch action {
        case .keep, .drop: return "\(action)\(sources) =~ \(regex)"
        case .replace: return "\(action)\(sources)\(pattern) → \(targetLabel) = \"\(replacement)\""
        case .keepequal, .dropequal: return "\(action)\(sources) == \(targetLabel)"
        case .hashmod: return "\(action)\(sources) % \(modulus) → \(targetLabel)"
        case .lowercase, .uppercase: return "\(action)\(sources) → \(targetLabel)"
        case .labelmap: return "\(action) =~ \(regex) → \(replacement)"
        case .labeldrop, .labelkeep: return "\(action) =~ \(regex)"
        }
    }
}

extension RelabelChange {
    fileprivate var text: String {
        if from.isEmpty { return "+ \(name)=\"\(to)\"" }
        if to.isEmpty { return "- \(name)=\"\(from)\"" }
        return "~ \(name)=\"\(from)\" → \"\(to)\""
    }

    fileprivate var json: JSONValue {
        .object([
            JSONMember("name", .string(name)), JSONMember("from", .string(from)),
            JSONMember("to", .string(to)),
        ])
    }
}

extension RelabelStep {
    fileprivate var json: JSONValue {
        .object([
            JSONMember("rule", .integer(Int64(number))),
            JSONMember("index", .integer(Int64(index))),
            JSONMember("action", .string(rule.action.rawValue)),
            JSONMember("source", .string(source)),
            JSONMember("matched", .bool(matched)),
            JSONMember("changes", .array(changes.map(\.json))),
            JSONMember("dropped", .bool(labels == nil)),
        ])
    }
}

extension Labels {
    fileprivate var json: JSONValue {
        .object(all.map { JSONMember($0.name, .string($0.value)) })
    }
}
