import WeirTelemetry

// Points that are encoded one by one: composed ones, native histograms, those with exemplars, and
// series that stand alone because what they are part of is not whole.
extension SeriesCache {
    /// Passes a histogram or a summary on as one point if it is whole, as its series otherwise.
    mutating func settleComposed(_ index: UInt32) {
        let point = points[Int(index)]
        let composition = compositions[Int(point.source)]
        let isHistogram = families[Int(point.family)].key.kind == .histogram
        let whole = isHistogram ? cumulativeCounts(composition) : nil
        let isWhole = isHistogram ? whole != nil : isWholeSummary(composition)
        compositions[Int(point.source)].wasWhole = isWhole
        for part in composition.parts { addLive(part) }
        if composition.sum != none { addLive(composition.sum) }
        if composition.count != none { addLive(composition.count) }
        guard isWhole else {
            for (bound, part) in zip(composition.bounds, composition.parts) {
                appendLoose(part, series[Int(part)].value, at: time(of: part), bound: bound)
            }
            for part in [composition.sum, composition.count] where part != none {
                appendLoose(part, series[Int(part)].value, at: time(of: part))
            }
            return
        }
        let time = time(of: composition.count)
        follow(index, series[Int(composition.count)].value, at: time)
        let sum = composition.sum == none ? nil : series[Int(composition.sum)].value
        let count = UInt64(series[Int(composition.count)].value)
        beginLoose(point.family)
        let frame = beginPoint(start: points[Int(index)].start, at: time)
        scratch.appendField(4, fixed64: count)
        if let sum { scratch.appendField(5, fixed64: sum.bitPattern) }
        if let whole {
            appendBuckets(whole, composition.bounds)
        } else {
            for (bound, part) in zip(composition.bounds, composition.parts) {
                appendQuantile(bound, series[Int(part)].value)
            }
        }
        appendExemplars(of: composition, isHistogram)
        endPoint(frame, attributes: point.attributes)
        endLoose(point.family)
    }

    /// The counts of all buckets as OTLP has them, each alone; `nil` unless the histogram is whole:
    /// a count, all of one time, `+Inf` equal to the count, none less than the one before.
    private func cumulativeCounts(_ composition: Composition) -> [UInt64]? {
        guard composition.count != none, areOfOneTime(composition) else { return nil }
        let total = series[Int(composition.count)].value
        guard UInt64(exactly: total) != nil else { return nil }
        guard let last = composition.parts.last else { return [] }
        guard composition.bounds.last == .infinity, series[Int(last)].value == total else {
            return nil
        }
        var counts: [UInt64] = []
        counts.reserveCapacity(composition.parts.count)
        var before: UInt64 = 0
        for part in composition.parts {
            guard let count = UInt64(exactly: series[Int(part)].value), count >= before else {
                return nil
            }
            counts.append(count - before)
            before = count
        }
        return counts
    }

    private func isWholeSummary(_ composition: Composition) -> Bool {
        composition.count != none && composition.sum != none && areOfOneTime(composition)
            && UInt64(exactly: series[Int(composition.count)].value) != nil
    }

    private func areOfOneTime(_ composition: Composition) -> Bool {
        let time = time(of: composition.count)
        guard composition.sum == none || self.time(of: composition.sum) == time else {
            return false
        }
        return composition.parts.allSatisfy { self.time(of: $0) == time }
    }

    private mutating func appendBuckets(_ counts: [UInt64], _ bounds: [Double]) {
        guard !counts.isEmpty else { return }
        scratch.appendMessage(6) { list in
            for count in counts { list.appendFixed64(count) }
        }
        guard counts.count > 1 else { return }
        scratch.appendMessage(7) { list in
            for bound in bounds.dropLast() { list.appendFixed64(bound.bitPattern) }
        }
    }

    private mutating func appendQuantile(_ quantile: Double, _ value: Double) {
        scratch.appendMessage(6) { pair in
            if quantile.bitPattern != 0 { pair.appendField(1, fixed64: quantile.bitPattern) }
            if value.bitPattern != 0 { pair.appendField(2, fixed64: value.bitPattern) }
        }
    }

    private mutating func appendExemplars(of composition: Composition, _ isHistogram: Bool) {
        guard !details.isEmpty else { return }
        for part in composition.all where series[Int(part)].flags.contains(.hasDetail) {
            if isHistogram {
                appendExemplars(of: part, field: 8)
            } else {
                // A summary's point has no place for them.
                result.exemplarsDropped += details[part]?.exemplars.count ?? 0
            }
        }
    }

    private mutating func appendExemplars(of index: UInt32, field: Int) {
        guard series[Int(index)].flags.contains(.hasDetail), let detail = details[index] else {
            return
        }
        for exemplar in detail.exemplars {
            scratch.appendTag(field, .bytes)
            scratch.appendVarint(UInt64(exemplar.count))
            scratch.append(copyOf: exemplar)
        }
    }

    mutating func settleNative(_ index: UInt32) {
        let point = points[Int(index)]
        let source = point.source
        guard let native = details[source]?.native else { return }
        let time = time(of: source)
        follow(index, series[Int(source)].value, at: time)
        addLive(source)
        beginLoose(point.family)
        let frame = beginPoint(start: points[Int(index)].start, at: time)
        scratch.append(copyOf: native)
        appendExemplars(of: source, field: 11)
        endPoint(frame, attributes: point.attributes)
        endLoose(point.family)
    }

    /// A point of one series alone. Without a value it says that there is none any more. `bound` is
    /// that of a bucket or quantile, which is looked up if the caller does not know it.
    mutating func appendLoose(
        _ index: UInt32, _ value: Double?, at time: UInt64, bound: Double? = nil
    ) {
        let point = points[Int(series[Int(index)].point)]
        let family = families[Int(point.family)]
        let isPart = family.key.kind.isComposed
        let target = isPart ? partFamily(of: index, family) : point.family
        beginLoose(target)
        let frame = beginPoint(start: isPart ? 0 : point.start, at: time)
        if let value { scratch.appendField(4, fixed64: value.bitPattern) }
        if value != nil { appendExemplars(of: index, field: 5) }
        if value == nil { scratch.appendField(8, varint: 1) }
        if isPart {
            let composition = compositions[Int(point.source)]
            let place = bound == nil ? composition.parts.lastIndex(of: index) : nil
            appendPartAttributes(
                point, family.key.kind, bound ?? place.map { composition.bounds[$0] })
            endPoint(frame, attributes: 0..<0)
        } else {
            endPoint(frame, attributes: point.attributes)
        }
        endLoose(target)
    }

    /// The family for the parts of a histogram or a summary that is not whole.
    private mutating func partFamily(of index: UInt32, _ family: OutputFamily) -> UInt32 {
        var key = family.key
        key.kind = .gauge
        key.name += series[Int(index)].role.suffix(of: key.type)
        return self.family(key, family.exposed)
    }

    /// The attributes of the point with the tag that they have in a gauge, and what makes the
    /// series the part that it is.
    private mutating func appendPartAttributes(
        _ point: Point, _ kind: OutputFamily.Kind, _ bound: Double?
    ) {
        // Another name for the same array: the compiler cannot see that these are two.
        let attributes = attributes
        var reader = WireReader(
            attributes.raw, at: point.attributes.lowerBound,
            end: point.attributes.upperBound)
        while reader.nextTag() != nil, let attribute = reader.readBytes() {
            scratch.append(OutputFamily.Kind.gauge.attributeTag)
            scratch.appendVarint(UInt64(attribute.byteCount))
            scratch.append(contentsOf: attribute)
        }
        guard let bound else { return }
        scratch.appendAttribute(
            OutputFamily.Kind.gauge.attributeTag, kind == .summary ? "quantile" : "le",
            canonicalFloat(bound))
    }

    // MARK: The frame of a point

    mutating func beginLoose(_ family: UInt32) {
        families[Int(family)].loose.append(scratch.count..<scratch.count)
    }

    mutating func endLoose(_ family: UInt32) {
        let last = families[Int(family)].loose.count - 1
        let start = families[Int(family)].loose[last].lowerBound
        families[Int(family)].loose[last] = start..<scratch.count
    }

    mutating func beginPoint(start: UInt64, at time: UInt64) -> Int {
        scratch.appendTag(1, .bytes)
        let frame = scratch.beginLength()
        if start != 0 { scratch.appendField(2, fixed64: start) }
        scratch.appendField(3, fixed64: time)
        return frame
    }

    mutating func endPoint(_ frame: Int, attributes range: Range<Int>) {
        let attributes = attributes
        scratch.append(contentsOf: attributes.raw.part(range))
        scratch.endLength(frame)
    }
}

extension [UInt8] {
    /// Appends a part of itself.
    fileprivate mutating func append(copyOf range: Range<Int>) {
        let copy = Array(self[range])
        append(contentsOf: copy)
    }
}
