import WeirPrometheus

/// Names of meta labels that are made of labels and annotations. Thousands of objects share a few
/// dozen, so each is made once and its memory shared.
struct MetaNames {
    private struct Key: Hashable {
        var prefix: String
        var name: String
    }

    /// A cluster has no more names than this that recur; others are made each time.
    private static let limit = 10_000

    private var known: [Key: (value: String, present: String)] = [:]

    /// `__meta_kubernetes_<resource>_label_<name>` and so on for all labels and annotations.
    mutating func append(_ meta: ObjectMeta, of resource: String, to labels: inout [Label]) {
        append(meta.labels, resource + "_label", to: &labels)
        append(meta.annotations, resource + "_annotation", to: &labels)
    }

    private mutating func append(
        _ pairs: [NamedText], _ prefix: String, to labels: inout [Label]
    ) {
        for pair in pairs {
            let names = names(prefix, pair.name)
            labels.append(Label(names.value, pair.value))
            labels.append(Label(names.present, "true"))
        }
    }

    private mutating func names(_ prefix: String, _ name: String) -> (
        value: String, present: String
    ) {
        let key = Key(prefix: prefix, name: name)
        if let known = known[key] { return known }
        let suffix = sanitized(name)
        let made = (
            value: "__meta_kubernetes_\(prefix)_\(suffix)",
            present: "__meta_kubernetes_\(prefix)present_\(suffix)"
        )
        if known.count < MetaNames.limit { known[key] = made }
        return made
    }
}
