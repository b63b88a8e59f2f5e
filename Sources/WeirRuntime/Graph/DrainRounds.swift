import WeirConfig

/// The order in which processors and connectors emit what they hold.
///
/// A component comes when all that feed it are done, so that nothing arrives afterwards. One that
/// what follows does not let go on holds up only what it feeds: pipelines do not wait for each other.
struct DrainRounds {
    /// From sources on.
    private var left: [Int]
    private let targets: [[Int]]

    /// - Parameter isMember: leaves out the nodes that are not to be drained.
    init(_ plan: GraphPlan, where isMember: (Int) -> Bool = { _ in true }) {
        left = plan.fromSources.filter {
            isMember($0)
                && (plan.nodes[$0].kind == .processor || plan.nodes[$0].kind == .connector)
        }
        targets = plan.nodes.map { Array($0.outputs.values.joined()) }
    }

    var isDone: Bool { left.isEmpty }

    /// Drains what may be drained now.
    ///
    /// - Parameters:
    ///   - isLast: there is no time for another round, so that each component gets its turn.
    ///   - drain: false if the component is to be asked again.
    mutating func run(isLast: Bool, _ drain: (Int) -> Bool) {
        var waiting = Set<Int>()
        left = left.filter { index in
            let mayGo = isLast || !waiting.contains(index)
            if mayGo, drain(index) { return false }
            waiting.formUnion(targets[index])
            return true
        }
    }
}
