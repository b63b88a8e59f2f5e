import WeirPrometheus
import WeirSDK

/// A rule with its expression and templates compiled.
struct PreparedRule: Sendable {
    let rule: RelabelRule
    private let matcher: Matcher
    private let target: Template
    private let replacement: Template
    private let names: NameValidation
    private let hash: Hash?

    init(_ rule: RelabelRule, host: Host, names: NameValidation) throws(ComponentError) {
        self.rule = rule
        self.names = names
        matcher = try Matcher(rule.regex, host: host)
        target = Template(rule.targetLabel, names: matcher.groupNames)
        replacement = Template(rule.replacement, names: matcher.groupNames)
        hash = rule.action == .hashmod ? host.hash : nil
        if rule.action == .hashmod, hash?.md5("") == nil {
            throw .unsupported("this host has no MD5, which hashmod needs")
        }
    }

    /// The values of the source labels, joined.
    func source(_ labels: Labels) -> String {
        switch rule.sourceLabels.count {
        case 0: return ""
        case 1: return labels[rule.sourceLabels[0]]
        default:
            return rule.sourceLabels.map { labels[$0] }.joined(separator: rule.separator)
        }
    }

    /// Applies the rule. `isKept` false: it dropped the labels. For what `matched` means, see
    /// ``RelabelStep``.
    func run(_ labels: inout Labels) -> (isKept: Bool, matched: Bool) {
        switch rule.action {
        case .keep:
            let matched = matcher.matches(source(labels))
            return (matched, matched)
        case .drop:
            let matched = matcher.matches(source(labels))
            return (!matched, matched)
        case .keepequal:
            let equal = sameBytes(labels[rule.targetLabel], source(labels))
            return (equal, equal)
        case .dropequal:
            let equal = sameBytes(labels[rule.targetLabel], source(labels))
            return (!equal, equal)
        case .replace: return (true, replace(&labels))
        case .lowercase:
            labels[rule.targetLabel] = mapped(source(labels), \.lowercaseMapping)
            return (true, true)
        case .uppercase:
            labels[rule.targetLabel] = mapped(source(labels), \.uppercaseMapping)
            return (true, true)
        case .hashmod:
            let digest = hash?.md5(source(labels)) ?? []
            let number = digest.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            labels[rule.targetLabel] = String(number % rule.modulus)
            return (true, true)
        case .labelmap: return (true, map(&labels))
        case .labeldrop: return (true, filter(&labels) { !matcher.matches($0) })
        case .labelkeep: return (true, filter(&labels) { matcher.matches($0) })
        }
    }

    private func replace(_ labels: inout Labels) -> Bool {
        let value = source(labels)
        if let name = target.constant, let text = replacement.constant {
            guard matcher.matches(value) else { return false }
            if names.allows(name) { labels[name] = text }
            return true
        }
        guard let captures = matcher.captures(value) else { return false }
        let name = target.constant ?? target.expand(captures)
        // A name that came of a match may be none.
        if names.allows(name) { labels[name] = replacement.expand(captures) }
        return true
    }

    private func map(_ labels: inout Labels) -> Bool {
        var matched = false
        for label in labels.all {
            guard let captures = matcher.captures(label.name) else { continue }
            matched = true
            let name = replacement.expand(captures)
            if !name.isEmpty { labels[name] = label.value }
        }
        return matched
    }

    private func filter(_ labels: inout Labels, _ isKept: (String) -> Bool) -> Bool {
        let kept = labels.all.filter { isKept($0.name) }
        guard kept.count < labels.all.count else { return false }
        labels = Labels(kept)
        return true
    }

    /// Letter by letter, as Go does: a letter whose other case is two letters stays.
    private func mapped(
        _ text: String, _ mapping: KeyPath<Unicode.Scalar.Properties, String>
    ) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let other = scalar.properties[keyPath: mapping].unicodeScalars
            result.append(other.count == 1 ? other.first ?? scalar : scalar)
        }
        return String(result)
    }
}
