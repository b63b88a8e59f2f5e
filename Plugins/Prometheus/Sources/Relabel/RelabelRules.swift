import WeirPrometheus
import WeirSDK

/// A list of rules, ready to run. Safe on any thread.
struct RelabelRules: Sendable {
    private let rules: [PreparedRule]

    /// No rules: labels pass as they are.
    init() { rules = [] }

    /// Compiles the rules.
    ///
    /// Throws `invalid` for a rule that makes no sense; the message begins with its place, which
    /// is `path[2].regex`.
    init(
        _ rules: [RelabelRule], host: Host, names: NameValidation = .utf8,
        path: String = "relabel_configs"
    ) throws(ComponentError) {
        var prepared: [PreparedRule] = []
        prepared.reserveCapacity(rules.count)
        for (index, rule) in rules.enumerated() {
            if let fault = rule.fault(names) {
                throw .invalid("\(path)[\(index)].\(fault.key.rawValue): \(fault.message)")
            }
            do throws(ComponentError) {
                prepared.append(try PreparedRule(rule, host: host, names: names))
            } catch {
                throw ComponentError(error.kind, "\(path)[\(index)].regex: \(error.message)")
            }
        }
        self.rules = prepared
    }

    var isEmpty: Bool { rules.isEmpty }

    /// Whether there are labels of which nothing is left.
    var canDrop: Bool {
        rules.contains { rule in
            switch rule.rule.action {
            case .keep, .drop, .keepequal, .dropequal, .labeldrop, .labelkeep: true
            case .replace, .hashmod, .labelmap, .lowercase, .uppercase: false
            }
        }
    }

    /// The labels after all rules, or `nil` if one dropped them.
    func apply(_ labels: Labels) -> Labels? {
        var labels = labels
        for rule in rules {
            guard rule.run(&labels).isKept else { return nil }
        }
        return labels
    }

    /// What each rule did, up to the one that dropped the labels.
    func trace(_ labels: Labels) -> [RelabelStep] {
        var labels = labels
        var steps: [RelabelStep] = []
        for (index, rule) in rules.enumerated() {
            let before = labels
            let result = rule.run(&labels)
            steps.append(
                RelabelStep(
                    index: index, rule: rule.rule,
                    source: rule.rule.action.goesByName ? "" : rule.source(before),
                    matched: result.matched, changes: changes(before, labels),
                    labels: result.isKept ? labels : nil))
            if !result.isKept { break }
        }
        return steps
    }
}

/// What differs, in the order of names.
private func changes(_ before: Labels, _ after: Labels) -> [RelabelChange] {
    var changes: [RelabelChange] = []
    for label in before.all {
        let value = after[label.name]
        if !sameBytes(value, label.value) {
            changes.append(RelabelChange(name: label.name, from: label.value, to: value))
        }
    }
    for label in after.all where before[label.name].isEmpty {
        changes.append(RelabelChange(name: label.name, from: "", to: label.value))
    }
    return changes.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
}
