import WeirTelemetry

/// The buckets of one sign, by their index in Prometheus' counting: bucket i ends at base^i.
private struct IndexedBuckets {
    var all: [(index: Int, count: UInt64)] = []

    /// `nil` if spans and counts do not fit together.
    init?(_ buckets: NativeHistogram.Buckets) {
        var index = 0
        var next = 0
        var count: Int64 = 0
        let isFloat = !buckets.counts.isEmpty
        let available = isFloat ? buckets.counts.count : buckets.deltas.count
        for (place, span) in buckets.spans.enumerated() {
            guard place == 0 || span.offset >= 0 else { return nil }
            index += Int(span.offset)
            guard Int(span.length) <= available - next else { return nil }
            for _ in 0..<span.length {
                let current: UInt64
                if isFloat {
                    guard let rounded = UInt64(exactly: buckets.counts[next].rounded()) else {
                        return nil
                    }
                    current = rounded
                } else {
                    let (sum, overflow) = count.addingReportingOverflow(buckets.deltas[next])
                    guard !overflow, sum >= 0 else { return nil }
                    count = sum
                    current = UInt64(sum)
                }
                if current > 0 {
                    // In OTLP one less.
                    guard Int32(exactly: index) != nil, Int32(exactly: index - 1) != nil else {
                        return nil
                    }
                    all.append((index, current))
                }
                index += 1
                next += 1
            }
        }
        guard next == available else { return nil }
    }

    /// Buckets twice as wide.
    mutating func widen() {
        var merged: [(index: Int, count: UInt64)] = []
        for bucket in all {
            let index = (bucket.index + 1) >> 1
            if merged.last?.index == index {
                merged[merged.count - 1].count &+= bucket.count
            } else {
                merged.append((index, bucket.count))
            }
        }
        all = merged
    }

    /// How many buckets OTLP needs, which lists the empty ones between others too.
    var width: Int { all.isEmpty ? 0 : all[all.count - 1].index - all[0].index + 1 }

    func append(_ number: Int, to bytes: inout [UInt8]) {
        guard let first = all.first else { return }
        bytes.appendMessage(number) { message in
            // OTLP's bucket i ends at base^(i + 1).
            let offset = Int32(first.index - 1)
            message.appendField(1, varint: UInt64(UInt32(bitPattern: offset << 1 ^ offset >> 31)))
            message.appendMessage(2) { list in
                var index = first.index
                for bucket in all {
                    while index < bucket.index {
                        list.append(0)
                        index += 1
                    }
                    list.appendVarint(bucket.count)
                    index += 1
                }
            }
        }
    }
}

extension NativeHistogram {
    /// The widest run of buckets that is written; a sparse one that is wider is made coarser.
    private static let widestRun = 1 << 16

    /// Appends what an OTLP exponential histogram's point has beside times, attributes and
    /// exemplars.
    func appendExponential(
        to bytes: inout [UInt8], limit: Int, family: String
    ) throws(ExpositionError) {
        guard schema >= -4, schema <= 52,
            var positive = IndexedBuckets(positive), var negative = IndexedBuckets(negative),
            let count = count.rounded, let zeroCount = zeroCount.rounded
        else {
            throw .protobuf(
                "a native histogram whose schema, spans and counts do not fit together",
                in: family)
        }
        var scale = schema
        while scale > 8 || positive.width > Self.widestRun || negative.width > Self.widestRun
            || limit > 0 && positive.all.count + negative.all.count > limit
        {
            guard scale > -4 else {
                guard limit > 0, positive.all.count + negative.all.count > limit else {
                    throw .protobuf(
                        "a native histogram whose first and last bucket lie too far apart",
                        in: family)
                }
                throw ExpositionError(
                    .nativeHistogramBucketLimit,
                    "a native histogram of \(family) has "
                        + "\(positive.all.count + negative.all.count) buckets at the lowest "
                        + "resolution, native_histogram_bucket_limit allows \(limit)")
            }
            positive.widen()
            negative.widen()
            scale -= 1
        }
        bytes.appendField(4, fixed64: count)
        bytes.appendField(5, fixed64: plainNaN(sum).bitPattern)
        bytes.appendField(6, varint: UInt64(UInt32(bitPattern: scale << 1 ^ scale >> 31)))
        bytes.appendField(7, fixed64: zeroCount)
        positive.append(8, to: &bytes)
        negative.append(9, to: &bytes)
        if zeroThreshold != 0 { bytes.appendField(14, fixed64: zeroThreshold.bitPattern) }
    }
}

extension NativeHistogram.Count {
    /// OTLP has whole counts only.
    fileprivate var rounded: UInt64? {
        switch self {
        case .int(let count): count
        case .float(let count): UInt64(exactly: count.rounded())
        }
    }
}
