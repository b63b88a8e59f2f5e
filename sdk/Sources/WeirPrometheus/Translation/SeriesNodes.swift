import WeirTelemetry

/// A resource that was seen, and what is below it.
final class ResourceNode {
    let labels: ResourceLabels
    /// The slot of `target_info`.
    var infoSlot: Int?
    var scopes = ByteTable()
    var scopeNodes: [ScopeNode] = []

    init(_ labels: ResourceLabels) { self.labels = labels }
}

final class ScopeNode {
    let labels: Labels
    var metrics = ByteTable()
    var metricNodes: [MetricNode] = []

    init(_ labels: Labels) { self.labels = labels }
}

/// A metric of a scope, and the points that it had.
final class MetricNode {
    /// Why its points are left out.
    enum Reason { case delta, temporality, unnamed }

    let template: MetricTemplate
    let reason: Reason?
    var points = ByteTable()
    /// The slot of each point, by its number.
    var slots: ContiguousArray<UInt32> = []

    init(_ metric: borrowing MetricView, _ header: MetricHeader, _ options: TranslationOptions) {
        let template = header.dataField == 0 ? nil : options.template(metric, header)
        self.template =
            template
            ?? MetricTemplate(
                family: MetricFamily(name: "", type: .unknown), isDelta: false, hasCreated: false,
                isFromPrometheus: false)
        reason = template == nil ? .unnamed : MetricNode.reason(header, options)
    }

    private static func reason(_ header: MetricHeader, _ options: TranslationOptions) -> Reason? {
        guard header.dataField == 7 || header.dataField == 9 || header.dataField == 10 else {
            return nil
        }
        switch header.temporality {
        case .cumulative: return nil
        case .delta:
            // Changes that go both ways have no start to count from.
            let isTaken = options.takesDelta && (header.dataField != 7 || header.isMonotonic)
            return isTaken ? nil : .delta
        default: return .temporality
        }
    }

    /// Forgets the points that were last seen before `tick`; their slots are appended to `freed`.
    func forget(before tick: UInt32, _ freed: inout [Int]) {
        let kept = (0..<points.count).filter { points.seen($0) >= tick }
        guard kept.count < points.count else { return }
        for number in 0..<points.count where points.seen(number) < tick {
            freed.append(Int(slots[number]))
        }
        points.keep(kept)
        slots = ContiguousArray(kept.map { slots[$0] })
    }
}

extension ScopeNode {
    func forget(before tick: UInt32, _ freed: inout [Int]) {
        for node in metricNodes { node.forget(before: tick, &freed) }
        let kept = metricNodes.indices.filter {
            metricNodes[$0].points.count > 0 || metrics.seen($0) >= tick
        }
        guard kept.count < metricNodes.count else { return }
        metrics.keep(kept)
        metricNodes = kept.map { metricNodes[$0] }
    }
}

extension ResourceNode {
    func forget(before tick: UInt32, _ freed: inout [Int]) {
        for node in scopeNodes { node.forget(before: tick, &freed) }
        let kept = scopeNodes.indices.filter {
            scopeNodes[$0].metrics.count > 0 || scopes.seen($0) >= tick
        }
        guard kept.count < scopeNodes.count else { return }
        scopes.keep(kept)
        scopeNodes = kept.map { scopeNodes[$0] }
    }
}
