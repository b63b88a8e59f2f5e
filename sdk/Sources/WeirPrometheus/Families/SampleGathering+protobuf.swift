import WeirTelemetry

extension SampleGathering {
    /// Reads `io.prometheus.client.MetricFamily` messages. Of a histogram the classic part counts.
    mutating func takeProtobuf(_ bytes: [UInt8]) throws(ExpositionError) {
        let span = bytes.raw
        var messages = ProtobufReader(span)
        var byName: [String: Int] = [:]
        // By the index of the family: a family may come in as many messages as it has points.
        var known: [Set<Labels>] = []
        while let range = try messages.next() {
            let read = try ProtobufFamily(span.part(range), at: range.lowerBound)
            let (name, type) = (read.nameText, read.metricType)
            let place = byName[name] ?? whole.count
            if place == whole.count {
                byName[name] = place
                known.append([])
                whole.append(
                    ReadFamily(
                        name, type == .gaugeHistogram ? .histogram : type,
                        help: UTF8Text(read.help).string, unit: UTF8Text(read.unit).string))
            }
            var reader = WireReader(read.content)
            while let tag = reader.nextTag() {
                guard tag.number == 4, tag.wireType == .bytes else {
                    guard reader.skip(tag) else { break }
                    continue
                }
                guard let metric = reader.readBytes() else { break }
                let labels = Labels(ProtobufValue.labels(metric))
                if let value = Self.value(metric, whole[place].type),
                    known[place].insert(labels).inserted
                {
                    whole[place].points.append(ReadPoint(labels, value))
                } else {
                    skipped += 1
                }
            }
        }
    }

    /// What a `Metric` holds for a family of this type; `nil` if it holds something else.
    private static func value(_ metric: RawSpan, _ type: MetricType) -> ReadValue? {
        var value: ReadValue?
        var reader = WireReader(metric)
        while let tag = reader.nextTag() {
            guard tag.wireType == .bytes, (2...7).contains(tag.number), tag.number != 6 else {
                guard reader.skip(tag) else { return nil }
                continue
            }
            guard let content = reader.readBytes() else { return nil }
            switch (tag.number, type) {
            case (2, .gauge), (3, .counter), (5, .unknown):
                value = .number(ProtobufValue.double(1, in: content))
            case (4, .summary): value = .summary(summary(content))
            case (7, .histogram):
                let parts = ProtobufHistogramParts(content)
                var samples = ClassicSamples()
                for bucket in parts.buckets { samples.add(bucket.count, bound: bucket.bound) }
                (samples.sum, samples.count) = (parts.sum, parts.count)
                value = .histogram(samples.histogram)
            default: break
            }
        }
        return value
    }

    private static func summary(_ message: RawSpan) -> ReadSummary {
        var samples = ClassicSamples()
        var reader = WireReader(message)
        while let tag = reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (1, .varint): samples.count = reader.readVarint().map { Double($0) }
            case (2, .fixed64): samples.sum = reader.readDouble()
            case (3, .bytes):
                guard let quantile = reader.readBytes() else { break }
                samples.add(
                    ProtobufValue.double(2, in: quantile),
                    bound: ProtobufValue.double(1, in: quantile))
            default: guard reader.skip(tag) else { return samples.summary }
            }
        }
        return samples.summary
    }
}
