extension ExpositionPoint {
    /// The latest exemplar that falls into a bucket; the last bucket is that of +Inf.
    func exemplar(ofBucket index: Int, bounds: [Double]) -> SentExemplar? {
        guard !exemplars.isEmpty else { return nil }
        let upper = index < bounds.count ? bounds[index] : .infinity
        let lower = index == 0 ? -.infinity : bounds[index - 1]
        return exemplars.filter { $0.value <= upper && ($0.value > lower || index == 0) }
            .max { $0.timestamp < $1.timestamp }
    }
}

extension ExpositionFamily {
    /// The labels that stand at a classic histogram, if the family has native ones too.
    var classicLabelsBesideNative: Set<Labels> {
        guard family.type == .histogram || family.type == .gaugeHistogram else { return [] }
        var labels: Set<Labels> = []
        var hasNative = false
        var hasClassic = false
        for point in points {
            if case .native = point.value { hasNative = true } else { hasClassic = true }
        }
        guard hasNative, hasClassic else { return [] }
        for point in points {
            if case .histogram = point.value { labels.insert(point.series.labels) }
        }
        return labels
    }
}

extension NativeHistogram {
    /// Classic buckets for those who read no native ones: at the powers of two, so that their
    /// bounds stay where they are when the schema changes; cumulated, +Inf the last.
    ///
    /// Between buckets that hold something the empty ones are there too, so that no bound appears
    /// in the middle later, but for gaps that are very wide.
    func classicBuckets() -> [(bound: Double, cumulated: Double)] {
        var buckets: [(bound: Double, cumulated: Double)] = []
        var cumulated = 0.0
        func add(_ bound: Double, _ count: Double) {
            cumulated += count
            guard bound < .infinity else { return }
            if let last = buckets.last?.bound, last != 0, bound != last {
                var between = last < 0 ? last / 2 : last * 2
                let isClose = last < 0 ? bound * 65536 <= last : last * 65536 >= bound
                while isClose, bound != 0, between < bound {
                    buckets.append((between, buckets[buckets.count - 1].cumulated))
                    between = last < 0 ? between / 2 : between * 2
                }
            }
            if buckets.last?.bound == bound { buckets.removeLast() }
            buckets.append((bound, cumulated))
        }
        // The lower bounds of positive buckets are the upper ones of negative buckets.
        for bucket in negative.filled(isFloat: isFloat).reversed() {
            add(-power(of: bucket.index - 1, rounding: .down), bucket.count)
        }
        if zeroCount.double > 0 || !buckets.isEmpty { add(0, zeroCount.double) }
        for bucket in positive.filled(isFloat: isFloat) {
            add(power(of: bucket.index, rounding: .up), bucket.count)
        }
        buckets.append((.infinity, count.double))
        return buckets
    }

    private var isFloat: Bool { if case .float = count { true } else { false } }

    /// The bound of a bucket, moved to the next power of two.
    private func power(of index: Int, rounding rule: FloatingPointRoundingRule) -> Double {
        let perDoubling = schema >= 0 ? 1 << Int(min(schema, 8)) : 1
        let doublings =
            schema >= 0
            ? Int((Double(index) / Double(perDoubling)).rounded(rule))
            : index << Int(min(-schema, 4))
        if doublings > 1023 { return .infinity }
        return doublings < -1074 ? 0 : Double(sign: .plus, exponent: doublings, significand: 1)
    }
}

extension NativeHistogram.Buckets {
    /// The buckets that hold something, by rising index.
    fileprivate func filled(isFloat: Bool) -> [(index: Int, count: Double)] {
        var result: [(index: Int, count: Double)] = []
        var index = 0
        var position = 0
        var count = 0.0
        for span in spans {
            index += Int(span.offset)
            for _ in 0..<span.length {
                if isFloat {
                    guard position < counts.count else { return result }
                    count = counts[position]
                } else {
                    guard position < deltas.count else { return result }
                    count += Double(deltas[position])
                }
                if count > 0 { result.append((index, count)) }
                position += 1
                index += 1
            }
        }
        return result
    }
}
