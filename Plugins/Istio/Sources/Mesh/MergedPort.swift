import WeirPrometheus

/// The failures that Istio's agent counts while it merges: its answer is a 200 all the same.
struct MergeFailures: Sendable {
    private var counts: [String: Double]?

    /// The parts whose failures grew since the last reading.
    mutating func take(_ family: ReadFamily?) -> [String: Bool] {
        guard let family else {
            counts = [:]
            return [:]
        }
        var now: [String: Double] = [:]
        for point in family.points {
            if case .number(let count) = point.value {
                now[point.labels["type"], default: 0] += count
            }
        }
        // A series appears with its first failure; of what was before the first reading we know
        // nothing.
        let before = counts
        counts = now
        return Dictionary(
            uniqueKeysWithValues: now.map { part, count in
                let earlier = before == nil ? count : before?[part] ?? 0
                return (part, count < earlier ? count > 0 : count > earlier)
            })
    }
}
