import WeirTelemetry

extension NativeHistogram {
    /// Throws for what OTLP could not say or what contradicts itself.
    func checked() throws(SeriesFault) -> NativeHistogram {
        guard isTimestamp(timestamp), isTimestamp(start) else { throw .badTimestamp(timestamp) }
        guard schema == Self.customSchema || (-4...8).contains(schema) else {
            throw .badHistogram("schema \(schema), expected -4 to 8 or \(Self.customSchema)")
        }
        if isStale { return self }
        for buckets in [positive, negative] {
            _ = try buckets.dense(isCustom: schema == Self.customSchema)
        }
        if schema == Self.customSchema { try checkCustom() }
        _ = try whole(count)
        _ = try whole(zeroCount)
        return self
    }

    private func checkCustom() throws(SeriesFault) {
        guard zip(customValues, customValues.dropFirst()).allSatisfy({ $0 < $1 }),
            customValues.allSatisfy({ $0.isFinite })
        else { throw .badHistogram("custom bounds that do not rise") }
        guard negative.spans.isEmpty else {
            throw .badHistogram("negative buckets beside custom bounds")
        }
        let dense = try positive.dense(isCustom: true)
        guard dense.counts.isEmpty || dense.first >= 0,
            dense.first + dense.counts.count <= customValues.count + 1
        else { throw .badHistogram("buckets beyond the \(customValues.count) custom bounds") }
    }

    /// The counts for the bounds in `customValues`, and the one above.
    var customCounts: [UInt64] {
        var counts = [UInt64](repeating: 0, count: customValues.count + 1)
        guard let dense = try? positive.dense(isCustom: true) else { return counts }
        for (index, count) in dense.counts.enumerated() { counts[dense.first + index] = count }
        return counts
    }

    var wholeCount: UInt64 { (try? whole(count)) ?? 0 }
    var wholeZeroCount: UInt64 { (try? whole(zeroCount)) ?? 0 }

    private func whole(_ count: Count) throws(SeriesFault) -> UInt64 {
        switch count {
        case .int(let value): return value
        case .float(let value): return try wholeNumber(value)
        }
    }
}

/// OTLP's counts are whole numbers.
private func wholeNumber(_ value: Double) throws(SeriesFault) -> UInt64 {
    guard let whole = UInt64(exactly: value) else {
        throw .badHistogram("a count of \(value), and OTLP has only whole ones")
    }
    return whole
}

// Gaps between spans become empty buckets in OTLP; a histogram of a few bytes must not become
// megabytes.
private let widest = 20_000

extension NativeHistogram.Buckets {
    /// The buckets without gaps; `first` is the index of the first as Prometheus counts.
    func dense(isCustom: Bool) throws(SeriesFault) -> (first: Int, counts: [UInt64]) {
        let length = spans.reduce(0) { $0 + Int($1.length) }
        let isFloat = deltas.isEmpty
        guard length == (isFloat ? counts.count : deltas.count) else {
            throw .badHistogram(
                "\(isFloat ? counts.count : deltas.count) buckets in spans of \(length)")
        }
        var dense: [UInt64] = []
        var (first, taken) = (0, 0)
        var count: Int64 = 0
        for (index, span) in spans.enumerated() {
            if index == 0 {
                first = Int(span.offset)
            } else {
                guard span.offset >= 0 else { throw .badHistogram("a gap of \(span.offset)") }
                guard dense.count + Int(span.offset) <= widest else { throw .tooWide }
                dense.append(contentsOf: repeatElement(0, count: Int(span.offset)))
            }
            guard dense.count + Int(span.length) <= widest else { throw .tooWide }
            for _ in 0..<Int(span.length) {
                if isFloat {
                    dense.append(try wholeNumber(counts[taken]))
                } else {
                    let (sum, overflow) = count.addingReportingOverflow(deltas[taken])
                    guard !overflow, sum >= 0 else {
                        throw .badHistogram("a bucket with a count below 0")
                    }
                    count = sum
                    dense.append(UInt64(sum))
                }
                taken += 1
            }
        }
        // OTLP numbers a bucket by its lower bound, one less, with 32 bits.
        if !isCustom, !dense.isEmpty,
            Int32(exactly: first - 1) == nil || Int32(exactly: first + dense.count - 2) == nil
        {
            throw .badHistogram("a first bucket \(first), expected one between -2^31 and 2^31")
        }
        return (first, dense)
    }

    /// How many buckets there are from the first to the last, as far as spans that make sense say.
    var width: Int {
        var width = 0
        for (index, span) in spans.enumerated() {
            width += Int(span.length) + (index == 0 ? 0 : max(0, Int(span.offset)))
        }
        return min(width, widest)
    }
}

extension SeriesFault {
    fileprivate static let tooWide = SeriesFault.badHistogram(
        "more than \(widest) buckets from the first to the last")
}
