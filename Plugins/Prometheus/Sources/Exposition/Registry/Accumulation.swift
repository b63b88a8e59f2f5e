import WeirPrometheus

extension ExpositionPoint {
    /// Makes a total of a delta: adds what is held to it and takes over its start.
    ///
    /// As the Collector does it: a delta continues what is held if it starts where that ends, or
    /// does not say where it starts. One that starts later is a restart and counts from zero; one
    /// that starts earlier overlaps and is left out.
    mutating func accumulate(onto held: ExpositionPoint) -> DropReason? {
        guard startTimeUnixNano > 0 else {
            add(held)
            return nil
        }
        if startTimeUnixNano < held.timeUnixNano { return .deltaOverlap }
        if startTimeUnixNano == held.timeUnixNano { add(held) }
        return nil
    }

    private mutating func add(_ held: ExpositionPoint) {
        switch (value, held.value) {
        case (.number(let new), .number(let old)): value = .number(new + old)
        case (.histogram(let count, let sum, let counts), .histogram(let c, let s, let old)):
            // Other bounds are a restart.
            guard series.bounds == held.series.bounds, counts.count == old.count else { return }
            let total: Double? = if let sum, let s { sum + s } else { nil }
            value = .histogram(
                count: count &+ c, sum: total, counts: zip(counts, old).map { $0 &+ $1 })
        case (.native(let new), .native(let old)): value = .native(new.adding(old))
        default: return
        }
        startTimeUnixNano = held.startTimeUnixNano
        hasCreated = held.hasCreated
    }
}

extension NativeHistogram {
    /// Two integer histograms as one, with the coarser of their schemas.
    func adding(_ other: NativeHistogram) -> NativeHistogram {
        var total = self
        total.schema = min(schema, other.schema)
        if case .int(let a) = count, case .int(let b) = other.count { total.count = .int(a &+ b) }
        if case .int(let a) = zeroCount, case .int(let b) = other.zeroCount {
            total.zeroCount = .int(a &+ b)
        }
        total.sum = sum + other.sum
        total.zeroThreshold = max(zeroThreshold, other.zeroThreshold)
        let shifts = (schema - total.schema, other.schema - total.schema)
        total.positive = Buckets.sum(positive, other.positive, shifts)
        total.negative = Buckets.sum(negative, other.negative, shifts)
        return total
    }
}

extension NativeHistogram.Buckets {
    fileprivate static func sum(
        _ first: Self, _ second: Self, _ shifts: (Int32, Int32)
    ) -> Self {
        var counts: [Int: Int64] = [:]
        first.add(to: &counts, shift: shifts.0)
        second.add(to: &counts, shift: shifts.1)
        var result = Self()
        var last: (index: Int, count: Int64)?
        for index in counts.keys.sorted() {
            let count = counts[index]!
            let gap = index - (last.map { $0.index + 1 } ?? 0)
            if last == nil || gap > 0 {
                result.spans.append(
                    NativeHistogram.Span(offset: Int32(clamping: gap), length: 1))
            } else {
                result.spans[result.spans.count - 1].length += 1
            }
            result.deltas.append(count - (last?.count ?? 0))
            last = (index, count)
        }
        return result
    }

    /// - Parameter shift: by how many schemas the buckets become coarser.
    ///   What no counter can hold stays at the largest that it can.
    private func add(to counts: inout [Int: Int64], shift: Int32) {
        var index = 0
        var count: Int64 = 0
        var position = 0
        for span in spans {
            index += Int(span.offset)
            for _ in 0..<span.length where position < deltas.count {
                count &+= deltas[position]
                // Numbered by their upper bounds, so that halving rounds up.
                if count > 0 {
                    let (sum, overflow) = counts[(index - 1) >> Int(shift) + 1, default: 0]
                        .addingReportingOverflow(count)
                    counts[(index - 1) >> Int(shift) + 1] = overflow ? .max : sum
                }
                position += 1
                index += 1
            }
        }
    }
}
