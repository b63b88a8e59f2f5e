import WeirPrometheus
import WeirSDK

/// A list of rules, ready to run. Safe on any thread.
struct RelabelRules: Sendable {
    /// No rules: labels pass as they are.
    init() {}

    /// Compiles the rules.
    ///
    /// Throws `invalid` for a rule that makes no sense, with its place in the list.
    init(_ rules: [RelabelRule], host: Host, names: NameValidation = .utf8) throws(ComponentError) {
    }

    var isEmpty: Bool { true }

    /// The labels after all rules, or `nil` if one dropped them.
    func apply(_ labels: Labels) -> Labels? { labels }

    /// What each rule did, up to the one that dropped the labels.
    func trace(_ labels: Labels) -> [RelabelStep] { [] }
}
