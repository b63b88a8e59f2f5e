import WeirTelemetry

/// Writes families as `io.prometheus.client.MetricFamily`, each preceded by its length.
struct ProtobufWriter {
    let escaping: NameEscaping
    let writesTimestamps: Bool
    private(set) var bytes: [UInt8] = []

    init(escaping: NameEscaping, writesTimestamps: Bool) {
        self.escaping = escaping
        self.writesTimestamps = writesTimestamps
    }

    mutating func write(_ family: ExpositionFamily) {
        guard !family.points.isEmpty else { return }
        var output = bytes
        bytes = []
        let start = output.beginLength()
        output.appendField(1, escaping.escaped(family.family.name))
        if !family.family.help.isEmpty { output.appendField(2, family.family.help) }
        let type = family.writtenType
        output.appendField(3, varint: ProtobufWriter.number(of: type))
        for point in family.points {
            output.appendMessage(4) { write(point, type, to: &$0) }
        }
        if !family.family.unit.isEmpty { output.appendField(5, family.family.unit) }
        output.endLength(start)
        bytes = output
    }

    mutating func finish() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }

    private static func number(of type: MetricType) -> UInt64 {
        switch type {
        case .counter: 0
        case .gauge, .info, .stateset: 1
        case .summary: 2
        case .unknown: 3
        case .histogram: 4
        case .gaugeHistogram: 5
        }
    }

    private func write(_ point: ExpositionPoint, _ type: MetricType, to metric: inout [UInt8]) {
        for label in point.series.labels.all {
            metric.appendMessage(1) { pair in
                pair.appendField(1, escaping.escaped(label.name, isLabel: true))
                pair.appendField(2, label.value)
            }
        }
        switch point.value {
        case .number(let value):
            let field = type == .counter ? 3 : type == .unknown ? 5 : 2
            metric.appendMessage(field) { message in
                message.appendField(1, fixed64: value.bitPattern)
                guard type == .counter else { return }
                if let exemplar = point.exemplars.last { append(exemplar, 2, to: &message) }
                appendStart(point, 3, to: &message)
            }
        case .summary(let count, let sum, let quantiles):
            metric.appendMessage(4) { message in
                message.appendField(1, varint: count)
                message.appendField(2, fixed64: sum.bitPattern)
                for pair in quantiles {
                    message.appendMessage(3) { quantile in
                        quantile.appendField(1, fixed64: pair.quantile.bitPattern)
                        quantile.appendField(2, fixed64: pair.value.bitPattern)
                    }
                }
                appendStart(point, 4, to: &message)
            }
        case .histogram(let count, let sum, let counts):
            metric.appendMessage(7) { message in
                message.appendField(1, varint: count)
                if let sum { message.appendField(2, fixed64: sum.bitPattern) }
                if point.series.hasBuckets {
                    appendBuckets(point, count: count, counts: counts, to: &message)
                }
                appendStart(point, 15, to: &message)
            }
        case .native(let histogram):
            metric.appendMessage(7) { message in
                append(histogram, to: &message)
                appendStart(point, 15, to: &message)
                for exemplar in point.exemplars where exemplar.timestamp > 0 {
                    append(exemplar, 16, to: &message)
                }
            }
        }
        if writesTimestamps {
            metric.appendField(6, varint: point.timeUnixNano / 1_000_000)
        }
    }

    private func appendBuckets(
        _ point: ExpositionPoint, count: UInt64, counts: [UInt64], to message: inout [UInt8]
    ) {
        let bounds = point.series.bounds
        var cumulated: UInt64 = 0
        for index in 0...bounds.count {
            let isLast = index == bounds.count
            cumulated = isLast ? count : cumulated &+ (index < counts.count ? counts[index] : 0)
            message.appendMessage(3) { bucket in
                bucket.appendField(1, varint: cumulated)
                let bound = isLast ? Double.infinity : bounds[index]
                bucket.appendField(2, fixed64: bound.bitPattern)
                if let exemplar = point.exemplar(ofBucket: index, bounds: bounds) {
                    append(exemplar, 3, to: &bucket)
                }
            }
        }
    }

    private func append(_ histogram: NativeHistogram, to message: inout [UInt8]) {
        switch histogram.count {
        case .int(let value): message.appendField(1, varint: value)
        case .float(let value): message.appendField(4, fixed64: value.bitPattern)
        }
        message.appendField(2, fixed64: histogram.sum.bitPattern)
        message.appendField(5, varint: zigZag(Int64(histogram.schema)))
        message.appendField(6, fixed64: histogram.zeroThreshold.bitPattern)
        switch histogram.zeroCount {
        case .int(let value): message.appendField(7, varint: value)
        case .float(let value): message.appendField(8, fixed64: value.bitPattern)
        }
        append(histogram.negative, spans: 9, deltas: 10, counts: 11, to: &message)
        append(histogram.positive, spans: 12, deltas: 13, counts: 14, to: &message)
        if histogram.positive.spans.isEmpty, histogram.negative.spans.isEmpty {
            // An empty span is what tells an empty native histogram from a classic one.
            message.appendMessage(12) { span in
                span.appendField(1, varint: 0)
                span.appendField(2, varint: 0)
            }
        }
    }

    private func append(
        _ buckets: NativeHistogram.Buckets, spans: Int, deltas: Int, counts: Int,
        to message: inout [UInt8]
    ) {
        for span in buckets.spans {
            message.appendMessage(spans) { content in
                content.appendField(1, varint: zigZag(Int64(span.offset)))
                content.appendField(2, varint: UInt64(span.length))
            }
        }
        for delta in buckets.deltas { message.appendField(deltas, varint: zigZag(delta)) }
        for count in buckets.counts { message.appendField(counts, fixed64: count.bitPattern) }
    }

    private func appendStart(
        _ point: ExpositionPoint, _ number: Int, to message: inout [UInt8]
    ) {
        guard point.startTimeUnixNano > 0 else { return }
        message.appendMessage(number) { $0.appendTime(point.startTimeUnixNano) }
    }

    private func append(_ exemplar: SentExemplar, _ number: Int, to message: inout [UInt8]) {
        message.appendMessage(number) { content in
            for label in exemplar.labels(escaping) {
                content.appendMessage(1) { pair in
                    pair.appendField(1, label.name)
                    pair.appendField(2, label.value)
                }
            }
            content.appendField(2, fixed64: exemplar.value.bitPattern)
            guard exemplar.timestamp > 0 else { return }
            content.appendMessage(3) { $0.appendTime(UInt64(exemplar.timestamp) * 1_000_000) }
        }
    }
}

extension [UInt8] {
    /// The content of a `google.protobuf.Timestamp`.
    fileprivate mutating func appendTime(_ nanoseconds: UInt64) {
        appendField(1, varint: nanoseconds / 1_000_000_000)
        appendField(2, varint: nanoseconds % 1_000_000_000)
    }
}
