/// The samples of one classic histogram or summary.
struct ClassicSamples {
    var sum: Double?
    var count: Double?
    private var values: [Double: Double] = [:]

    /// A bucket's count up to its bound, or a quantile's value. The first of one bound counts.
    mutating func add(_ value: Double, bound: Double) {
        if values[bound] == nil { values[bound] = value }
    }

    var histogram: ReadHistogram {
        let bounds = values.keys.filter { $0 < .infinity }.sorted()
        // Counts that fall, as those of parts that were read one after the other can, are held.
        var below: UInt64 = 0
        var buckets: [UInt64] = []
        for bound in bounds {
            let upTo = max(below, Self.whole(values[bound] ?? 0))
            buckets.append(upTo - below)
            below = upTo
        }
        let count = max(below, Self.whole(values[.infinity] ?? count ?? 0))
        return ReadHistogram(
            bounds: bounds, buckets: buckets + [count - below], count: count, sum: sum ?? 0)
    }

    var summary: ReadSummary {
        ReadSummary(
            quantiles: values.sorted { $0.key < $1.key }.map {
                ReadSummary.Quantile(rank: $0.key, value: $0.value)
            }, count: Self.whole(count ?? 0), sum: sum ?? 0)
    }

    private static func whole(_ value: Double) -> UInt64 {
        value > 0 ? UInt64(exactly: value.rounded()) ?? .max : 0
    }
}
