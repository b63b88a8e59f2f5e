import WeirTelemetry

/// One sample of one series of a classic histogram or summary.
struct ClassicPart {
    var timestamp: Int64
    var role: SeriesRole
    /// The value of `le` or `quantile`.
    var bound: Double
    var value: Double
    var start: Int64
    var entry: Int
    var sample: Int

    static func precedes(_ left: ClassicPart, _ right: ClassicPart) -> Bool {
        if left.timestamp != right.timestamp { return left.timestamp < right.timestamp }
        if left.role != right.role { return left.role.rawValue < right.role.rawValue }
        return left.bound < right.bound
    }

    var isStale: Bool { value.bitPattern == staleMarker.bitPattern }
}

/// A whole, not negative count that a double holds exactly.
private func wholeCount(_ value: Double) -> UInt64? {
    guard value >= 0, value <= 0x1p53 else { return nil }
    return UInt64(exactly: value)
}

extension ClassicHistogram {
    /// From the parts of one moment, sorted; `nil` if they are no whole histogram.
    init?(_ parts: ArraySlice<ClassicPart>) {
        let buckets = parts.prefix { $0.role == .bucket }
        var rest = parts.dropFirst(buckets.count)
        guard let total = rest.popFirst(), total.role == .count else { return nil }
        let sum = rest.popFirst()
        guard rest.isEmpty, sum == nil || sum?.role == .sum else { return nil }
        let isStale = total.isStale
        guard parts.allSatisfy({ $0.isStale == isStale && $0.start == total.start }),
            buckets.isEmpty || buckets.last?.bound == .infinity,
            zip(buckets, buckets.dropFirst()).allSatisfy({ $0.bound < $1.bound }),
            buckets.allSatisfy({ $0.bound > -.infinity })
        else { return nil }
        self.init(
            timestamp: total.timestamp, start: total.start, isStale: isStale, count: 0,
            sum: isStale ? nil : sum?.value, bounds: buckets.dropLast().map(\.bound),
            counts: Array(repeating: 0, count: buckets.count))
        if isStale { return }
        guard let count = wholeCount(total.value) else { return nil }
        self.count = count
        var before: UInt64 = 0
        for (index, bucket) in buckets.enumerated() {
            guard let cumulated = wholeCount(bucket.value), cumulated >= before else { return nil }
            counts[index] = cumulated - before
            before = cumulated
        }
        guard buckets.isEmpty || before == count else { return nil }
    }
}

extension ClassicSummary {
    /// From the parts of one moment, sorted; `nil` if they are no whole summary.
    init?(_ parts: ArraySlice<ClassicPart>) {
        // In the order of roles: count, sum, quantiles.
        guard parts.count >= 2, parts[parts.startIndex].role == .count,
            parts[parts.startIndex + 1].role == .sum
        else { return nil }
        let (total, sum) = (parts[parts.startIndex], parts[parts.startIndex + 1])
        let quantiles = parts.dropFirst(2)
        let isStale = total.isStale
        guard parts.allSatisfy({ $0.isStale == isStale && $0.start == total.start }),
            quantiles.allSatisfy({ $0.role == .quantile }),
            zip(quantiles, quantiles.dropFirst()).allSatisfy({ $0.bound < $1.bound }),
            let count = isStale ? 0 : wholeCount(total.value)
        else { return nil }
        self.init(
            timestamp: total.timestamp, start: total.start, isStale: isStale, count: count,
            sum: isStale ? 0 : sum.value,
            quantiles: quantiles.map { ($0.bound, isStale ? 0 : $0.value) })
    }
}

/// The number that `le` or `quantile` says; `nil` if it is none.
func boundValue(_ text: RawSpan) -> Double? {
    let text = UTF8Text(text)
    if text == "+Inf" { return .infinity }
    guard let value = Double(text.string), !value.isNaN else { return nil }
    return value
}
