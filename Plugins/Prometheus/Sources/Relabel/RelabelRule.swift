/// What a rule does with the labels.
enum RelabelAction: String, Sendable, Hashable, CaseIterable {
    case replace, keep, drop, keepequal, dropequal, hashmod, labelmap, labeldrop, labelkeep
    case lowercase, uppercase
}

/// Which names a label may have.
enum NameValidation: String, Sendable, Hashable {
    /// Any text that is not empty, as since Prometheus 3.
    case utf8
    /// `[a-zA-Z_][a-zA-Z0-9_]*`
    case legacy
}

/// One element of `relabel_configs`, as Prometheus has it.
struct RelabelRule: Sendable, Hashable {
    var sourceLabels: [String] = []
    var separator = ";"
    /// RE2, anchored at both ends.
    var regex = "(.*)"
    var modulus: UInt64 = 0
    var targetLabel = ""
    var replacement = "$1"
    var action = RelabelAction.replace

    init() {}
}
