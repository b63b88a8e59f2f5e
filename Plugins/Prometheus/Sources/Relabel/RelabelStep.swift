import WeirPrometheus

/// What one rule did with one set of labels.
struct RelabelStep: Sendable, Equatable {
    /// Its place in the list, from 0.
    var index: Int
    /// What people call it: the first rule is rule 1.
    var number: Int { index + 1 }
    var rule: RelabelRule
    /// The values of the source labels, joined; empty for the actions that go by label names.
    var source: String
    /// Whether the expression matched; for keepequal and dropequal, whether both were equal; for
    /// the actions that go by label names, whether any did. Actions without a condition: `true`.
    var matched: Bool
    /// The labels that it set, changed or removed (new value empty).
    var changes: [RelabelChange]
    /// The labels afterwards; `nil`: it dropped them.
    var labels: Labels?
}

struct RelabelChange: Sendable, Equatable {
    var name: String
    /// Empty: there was none.
    var from: String
    /// Empty: it was removed.
    var to: String
}
