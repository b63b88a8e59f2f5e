import WeirPrometheus

/// What there is to know about one job.
struct PoolStatus: Sendable {
    var job: ScrapeJob
    var active: [(target: Target, report: ScrapeReport)]
    /// Those that are remembered.
    var dropped: [Labels]
    var droppedCount: Int
    var failed: [PoolTargets.Failed]
}

extension PoolStatus {
    /// Which rule dropped a target, in words.
    func reason(_ discovered: Labels) -> String {
        guard let step = job.relabel.trace(discovered).last, step.labels == nil else { return "" }
        let rule = step.rule
        let place = "rule \(step.number) of relabel_configs: \(rule.action.rawValue)"
        switch rule.action {
        case .keepequal, .dropequal:
            return "\(place): \"\(step.source)\" and \(rule.targetLabel)="
                + "\"\(discovered[rule.targetLabel])\" are \(step.matched ? "equal" : "not equal")"
        case .keep, .drop:
            let labels = rule.sourceLabels.joined(separator: ", ")
            return "\(place): \"\(step.source)\" (\(labels)) "
                + "\(step.matched ? "matches" : "does not match") \(rule.regex)"
        default: return place
        }
    }
}
