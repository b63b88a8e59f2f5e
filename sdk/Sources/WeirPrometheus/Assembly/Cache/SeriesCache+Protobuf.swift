import WeirTelemetry

extension SeriesCache {
    /// Reads families in protobuf.
    mutating func read(
        _ reader: inout ProtobufReader, _ body: RawSpan, _ relabel: ScrapeAssembler.Relabel
    ) throws(ExpositionError) {
        var head: [UInt8] = []
        var key = ProtobufKey()
        while let range = try reader.next() {
            let family = try ProtobufFamily(body.part(range), at: range.lowerBound)
            head.removeAll(keepingCapacity: true)
            ProtobufFamilyHead.append(family, to: &head)
            let (index, isNew) = try findLine(head.raw, .protobufFamily)
            if isNew { lines[Int(index)].target = exposed.index(family.nameText) }
            noteMetadata(index)
            var metrics = WireReader(family.content)
            while let tag = metrics.nextTag() {
                guard tag.number == 4, tag.wireType == .bytes else {
                    guard metrics.skip(tag) else { break }
                    continue
                }
                guard let metric = metrics.readBytes() else { break }
                key.begin(family.name, metric)
                try read(metric, of: family, &key, at: range.lowerBound)
                if result.samplesScraped >= nextLimitCheck {
                    try checkLimitsSoFar(relabel, in: body)
                }
            }
        }
    }

    /// The line with these bytes: the expected one, or by its hash.
    private mutating func findLine(
        _ key: RawSpan, _ kind: Line.Kind
    ) throws(ExpositionError) -> (index: UInt32, isNew: Bool) {
        let expected = expectedLine
        if expected != none {
            let line = lines[Int(expected)]
            if line.keyCount == UInt32(key.byteCount), line.kind == kind,
                key.has(keys.raw.part(line.key), at: 0)
            {
                previousLine = expected
                return (expected, false)
            }
        }
        let found = try line(key, kind, isDelimited: true)
        follow(found.index)
        return found
    }

    private mutating func read(
        _ metric: RawSpan, of family: borrowing ProtobufFamily, _ key: inout ProtobufKey,
        at offset: Int
    ) throws(ExpositionError) {
        var time: Int64?
        var range = 0..<0
        // Where the value of each type stands.
        let wanted = [3, 2, 4, 5, 7, 7][Int(family.type)]
        var reader = WireReader(metric)
        var isWhole = true
        while isWhole, let tag = reader.nextTag() {
            if tag.number == 6, tag.wireType == .varint {
                let varint = reader.readVarint()
                isWhole = varint != nil
                let milliseconds = Int64(bitPattern: varint ?? 0)
                let (nanoseconds, overflow) = milliseconds.multipliedReportingOverflow(
                    by: 1_000_000)
                time = milliseconds == 0 ? nil : overflow ? .max : nanoseconds
            } else if tag.number == wanted, tag.wireType == .bytes {
                isWhole = reader.read(&range)
            } else {
                isWhole = reader.skip(tag)
            }
        }
        let value = metric.part(range)
        guard isWhole, reader.isAtEnd, ProtobufValue.isWhole(value, of: family.metricType) else {
            throw .protobuf("a malformed metric", in: family.nameText, at: offset)
        }
        let place = ProtobufPlace(time: time, offset: offset)
        switch family.metricType {
        case .summary: try readSummary(value, family, &key, place)
        case .histogram, .gaugeHistogram: try readHistogram(value, family, &key, place)
        default:
            let index = try note(&key, .value, ProtobufValue.double(1, in: value), place, family)
            if family.type == 0 { noteCounter(value, index) }
        }
    }

    /// Notes a sample; gives its series, or ``none`` if it does not count.
    private mutating func note(
        _ key: inout ProtobufKey, _ role: Series.Role, _ value: Double, _ place: ProtobufPlace,
        _ family: borrowing ProtobufFamily, bound: Double = 0
    ) throws(ExpositionError) -> UInt32 {
        key.set(role, bound)
        let (index, isNew) = try findLine(key.bytes.raw, .protobufSeries)
        if isNew, !key.hasValidLabels {
            throw .protobuf(
                "a label that is malformed, nameless or not UTF-8", in: family.nameText,
                at: place.offset)
        }
        let series = lines[Int(index)].target
        // Whether a series is stale, the scraper decides.
        let isFirst = note(
            series, plainNaN(value), time: place.time, offset: place.offset)
        return isFirst ? series : none
    }

    private mutating func noteCounter(_ counter: RawSpan, _ index: UInt32) {
        guard index != none else { return }
        var reader = WireReader(counter)
        while let tag = reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (2, .bytes): if let content = reader.readBytes() { noteExemplar(content, index) }
            case (3, .bytes): if let content = reader.readBytes() { noteCreated(content, index) }
            default: guard reader.skip(tag) else { return }
            }
        }
    }

    private mutating func noteCreated(_ timestamp: RawSpan, _ index: UInt32) {
        let created = ProtobufValue.timestamp(timestamp)
        guard created > 0, index != none else { return }
        details[index, default: SampleDetail()].created = UInt64(created)
        series[Int(index)].flags.insert(.hasDetail)
        hasCreated = true
    }

    /// `needsTime`: exemplars of native histograms without one do not count.
    private mutating func noteExemplar(
        _ content: RawSpan, _ index: UInt32, needsTime: Bool = false
    ) {
        guard index != none else { return }
        var time: Int64 = 0
        var reader = WireReader(content)
        while let tag = reader.nextTag() {
            if tag.number == 3, tag.wireType == .bytes {
                if let timestamp = reader.readBytes() { time = ProtobufValue.timestamp(timestamp) }
            } else {
                guard reader.skip(tag) else { break }
            }
        }
        guard time > 0 || !needsTime else { return }
        noteExemplar(
            ProtobufValue.labels(content), ProtobufValue.double(2, in: content), at: time, of: index
        )
    }

    private mutating func readSummary(
        _ summary: RawSpan, _ family: borrowing ProtobufFamily, _ key: inout ProtobufKey,
        _ place: ProtobufPlace
    ) throws(ExpositionError) {
        var count: UInt64 = 0
        var created = 0..<0
        var reader = WireReader(summary)
        while let tag = reader.nextTag() {
            switch (tag.number, tag.wireType) {
            case (1, .varint): count = reader.readVarint() ?? 0
            case (3, .bytes):
                guard let quantile = reader.readBytes() else { break }
                _ = try note(
                    &key, .quantile, ProtobufValue.double(2, in: quantile), place, family,
                    bound: ProtobufValue.double(1, in: quantile))
            case (4, .bytes): created = reader.readRange() ?? created
            default: guard reader.skip(tag) else { break }
            }
        }
        let sum = ProtobufValue.double(2, in: summary)
        _ = try note(&key, .sum, sum, place, family)
        noteCreated(summary.part(created), try note(&key, .count, Double(count), place, family))
    }

    private mutating func readHistogram(
        _ histogram: RawSpan, _ family: borrowing ProtobufFamily, _ key: inout ProtobufKey,
        _ place: ProtobufPlace
    ) throws(ExpositionError) {
        let parts = ProtobufHistogramParts(histogram)
        let native = NativeHistogram.read(histogram)
        if let native {
            let count = native.count.double
            let index = try note(&key, .native, count, place, family)
            if index != none {
                let start = scratch.count
                try native.appendExponential(
                    to: &scratch, limit: options.nativeHistogramBucketLimit,
                    family: family.nameText)
                details[index, default: SampleDetail()].native = start..<scratch.count
                series[Int(index)].flags.insert(.hasDetail)
                noteCreated(histogram.part(parts.created), index)
                for exemplar in parts.nativeExemplars.isEmpty
                    ? parts.buckets.compactMap(\.exemplar) : parts.nativeExemplars
                {
                    noteExemplar(histogram.part(exemplar), index, needsTime: true)
                }
            }
            guard options.alwaysScrapeClassicHistograms, !parts.buckets.isEmpty else { return }
        }
        var hasInfinity = false
        for bucket in parts.buckets {
            hasInfinity = hasInfinity || bucket.bound == .infinity
            let index = try note(&key, .bucket, bucket.count, place, family, bound: bucket.bound)
            if let exemplar = bucket.exemplar { noteExemplar(histogram.part(exemplar), index) }
        }
        if !hasInfinity {
            _ = try note(&key, .bucket, parts.count, place, family, bound: .infinity)
        }
        _ = try note(&key, .sum, parts.sum, place, family)
        let index = try note(&key, .count, parts.count, place, family)
        noteCreated(histogram.part(parts.created), index)
    }
}

/// What the samples of a metric have in common.
private struct ProtobufPlace {
    var time: Int64?
    var offset: Int
}
