import WeirTelemetry

/// Writes data points whose texts lie in a request of remote write.
struct PointWriter: ~Escapable {
    let source: RawSpan
    let list: SeriesList
    var exemplars = 0

    @_lifetime(copy source)
    init(_ source: RawSpan, _ list: SeriesList) {
        self.source = source
        self.list = list
    }

    /// Which label is told by the kind of point, and is no attribute.
    enum Own { case nothing, bound, quantile }

    func appendAttributes(
        _ number: Int, _ entry: SeriesList.Entry, without own: Own = .nothing,
        to bytes: inout [UInt8]
    ) {
        for label in list.labels[entry.labels] {
            let name = source.extracting(label.name)
            switch own {
            case .bound: if name.isText("le") { continue }
            case .quantile: if name.isText("quantile") { continue }
            case .nothing: break
            }
            appendAttribute(number, name, source.extracting(label.value), to: &bytes)
        }
    }

    func appendAttribute(
        _ number: Int, _ name: RawSpan, _ value: RawSpan, to bytes: inout [UInt8]
    ) {
        bytes.appendTag(number, .bytes)
        let start = bytes.beginLength()
        bytes.appendBytes(1, name)
        bytes.appendTag(2, .bytes)
        let valueStart = bytes.beginLength()
        bytes.appendBytes(1, value)
        bytes.endLength(valueStart)
        bytes.endLength(start)
    }

    mutating func appendExemplars(
        _ number: Int, _ ranges: [Range<Int>], to bytes: inout [UInt8]
    ) {
        for index in ranges.joined() {
            let exemplar = list.exemplars[index]
            exemplars += 1
            bytes.appendTag(number, .bytes)
            let start = bytes.beginLength()
            bytes.appendField(2, fixed64: nanoseconds(exemplar.timestamp))
            bytes.appendField(3, fixed64: exemplar.value.bitPattern)
            for label in exemplar.labels {
                let name = source.extracting(label.name)
                let value = source.extracting(label.value)
                if name.isText("trace_id"), let id = exemplarID(hex: value.array, count: 16) {
                    bytes.appendField(5, id)
                } else if name.isText("span_id"), let id = exemplarID(hex: value.array, count: 8) {
                    bytes.appendField(4, id)
                } else {
                    appendAttribute(7, name, value, to: &bytes)
                }
            }
            bytes.endLength(start)
        }
    }

    mutating func appendNumber(
        _ sample: WireSample, of entry: SeriesList.Entry, exemplars: [Range<Int>],
        to bytes: inout [UInt8]
    ) {
        bytes.appendTag(1, .bytes)
        let start = bytes.beginLength()
        bytes.appendTimes(sample.start, sample.timestamp)
        if sample.value.bitPattern == staleMarker.bitPattern {
            bytes.appendField(8, varint: 1)
        } else {
            bytes.appendField(4, fixed64: sample.value.bitPattern)
        }
        appendExemplars(5, exemplars, to: &bytes)
        appendAttributes(7, entry, to: &bytes)
        bytes.endLength(start)
    }

    /// A native histogram with exponential buckets.
    mutating func appendExponential(
        _ histogram: NativeHistogram, of entry: SeriesList.Entry, exemplars: [Range<Int>],
        to bytes: inout [UInt8]
    ) {
        bytes.appendTag(1, .bytes)
        let start = bytes.beginLength()
        bytes.appendTimes(histogram.start, histogram.timestamp)
        if histogram.isStale {
            bytes.appendField(10, varint: 1)
        } else {
            bytes.appendField(4, fixed64: histogram.wholeCount)
            bytes.appendField(5, fixed64: histogram.sum.bitPattern)
            bytes.appendNonZero(6, varint: zigZag(Int64(histogram.schema)))
            bytes.appendNonZero(7, fixed64: histogram.wholeZeroCount)
            bytes.appendBuckets(8, histogram.positive)
            bytes.appendBuckets(9, histogram.negative)
            bytes.appendNonZero(14, fixed64: histogram.zeroThreshold.bitPattern)
        }
        appendExemplars(11, exemplars, to: &bytes)
        appendAttributes(1, entry, to: &bytes)
        bytes.endLength(start)
    }

    /// A native histogram with bounds of its own.
    mutating func appendCustom(
        _ histogram: NativeHistogram, of entry: SeriesList.Entry, exemplars: [Range<Int>],
        to bytes: inout [UInt8]
    ) {
        let point = ClassicHistogram(
            timestamp: histogram.timestamp, start: histogram.start, isStale: histogram.isStale,
            count: histogram.isStale ? 0 : histogram.wholeCount,
            sum: histogram.isStale ? nil : histogram.sum, bounds: histogram.customValues,
            counts: histogram.isStale
                ? Array(repeating: 0, count: histogram.customValues.count + 1)
                : histogram.customCounts)
        appendHistogram(point, of: entry, without: .nothing, exemplars: exemplars, to: &bytes)
    }

    mutating func appendHistogram(
        _ point: ClassicHistogram, of entry: SeriesList.Entry, without own: Own,
        exemplars: [Range<Int>], to bytes: inout [UInt8]
    ) {
        bytes.appendTag(1, .bytes)
        let start = bytes.beginLength()
        bytes.appendTimes(point.start, point.timestamp)
        bytes.appendField(4, fixed64: point.count)
        if let sum = point.sum { bytes.appendField(5, fixed64: sum.bitPattern) }
        if !point.counts.isEmpty {
            bytes.appendMessage(6) { list in
                for count in point.counts { list.appendFixed64(count) }
            }
        }
        if !point.bounds.isEmpty {
            bytes.appendMessage(7) { list in
                for bound in point.bounds { list.appendFixed64(bound.bitPattern) }
            }
        }
        appendExemplars(8, exemplars, to: &bytes)
        appendAttributes(9, entry, without: own, to: &bytes)
        if point.isStale { bytes.appendField(10, varint: 1) }
        bytes.endLength(start)
    }

    mutating func appendSummary(
        _ point: ClassicSummary, of entry: SeriesList.Entry, to bytes: inout [UInt8]
    ) {
        bytes.appendTag(1, .bytes)
        let start = bytes.beginLength()
        bytes.appendTimes(point.start, point.timestamp)
        bytes.appendField(4, fixed64: point.count)
        bytes.appendField(5, fixed64: point.sum.bitPattern)
        for (quantile, value) in point.quantiles {
            bytes.appendMessage(6) { pair in
                pair.appendNonZero(1, fixed64: quantile.bitPattern)
                pair.appendNonZero(2, fixed64: value.bitPattern)
            }
        }
        appendAttributes(7, entry, without: .quantile, to: &bytes)
        if point.isStale { bytes.appendField(8, varint: 1) }
        bytes.endLength(start)
    }
}

/// A histogram that its series make up.
struct ClassicHistogram {
    var timestamp: Int64
    var start: Int64
    var isStale: Bool
    var count: UInt64
    var sum: Double?
    var bounds: [Double]
    /// Not cumulated; one more than bounds, or none at all.
    var counts: [UInt64]
}

/// A summary that its series make up.
struct ClassicSummary {
    var timestamp: Int64
    var start: Int64
    var isStale: Bool
    var count: UInt64
    var sum: Double
    var quantiles: [(quantile: Double, value: Double)]
}

func nanoseconds(_ milliseconds: Int64) -> UInt64 { UInt64(milliseconds) * 1_000_000 }

extension [UInt8] {
    mutating func appendBytes(_ number: Int, _ content: RawSpan) {
        appendTag(number, .bytes)
        appendVarint(UInt64(content.byteCount))
        append(contentsOf: content)
    }

    fileprivate mutating func appendTimes(_ start: Int64, _ time: Int64) {
        if start > 0 { appendField(2, fixed64: nanoseconds(start)) }
        appendField(3, fixed64: nanoseconds(time))
    }

    fileprivate mutating func appendBuckets(_ number: Int, _ buckets: NativeHistogram.Buckets) {
        guard let dense = try? buckets.dense(isCustom: false), !dense.counts.isEmpty else { return }
        appendMessage(number) { message in
            // Prometheus numbers a bucket by its upper bound, OTLP by its lower.
            message.appendNonZero(1, varint: zigZag(Int64(dense.first - 1)))
            message.appendMessage(2) { list in
                for count in dense.counts { list.appendVarint(count) }
            }
        }
    }
}
