import WeirPrometheus

/// The targets of one job, by the sources that discovery found them in. A value: what to start and
/// to end follows from comparing two of them.
struct PoolTargets: Sendable {
    private struct Source: Sendable {
        var targets: [Target] = []
        var dropped: [Labels] = []
        var droppedCount = 0
        var failed: [Failed] = []
    }

    struct Failed: Sendable {
        var discovered: Labels
        var message: String
    }

    private var sources: [String: Source] = [:]
    private var keptDropped = 0

    /// Takes a group in place of the one with the same source.
    ///
    /// - Returns: those of it that cannot be scraped.
    @discardableResult
    mutating func update(_ group: TargetGroup, _ job: ScrapeJob) -> [Failed] {
        if let old = sources.removeValue(forKey: group.source) { keptDropped -= old.dropped.count }
        guard !group.targets.isEmpty else { return [] }
        var source = Source()
        for own in group.targets {
            switch TargetOutcome(own, of: group, job) {
            case .target(let target): source.targets.append(target)
            case .failed(let labels, let message):
                source.failed.append(Failed(discovered: labels, message: message))
            case .dropped(let labels):
                source.droppedCount += 1
                guard keptDropped < job.keptDropped else { continue }
                keptDropped += 1
                source.dropped.append(labels)
            }
        }
        sources[group.source] = source
        return source.failed
    }

    /// Each target once, however often it was found.
    var unique: [TargetIdentity: Target] {
        var result: [TargetIdentity: Target] = [:]
        for source in sources.values {
            for target in source.targets { result[target.identity] = target }
        }
        return result
    }

    /// Those that are remembered, with the labels that they were found with.
    var dropped: [Labels] { sources.values.flatMap(\.dropped) }
    var droppedCount: Int { sources.values.reduce(0) { $0 + $1.droppedCount } }
    var failed: [Failed] { sources.values.flatMap(\.failed) }
}
