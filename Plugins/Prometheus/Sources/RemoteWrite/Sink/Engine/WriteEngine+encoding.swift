import WeirPrometheus
import WeirSDK

extension WriteEngine {
    /// Makes a request of what waits first in a shard. `now` is also the time that `unixNano` in
    /// the sink stands for.
    mutating func launch(_ index: Int, _ now: UInt64, _ actions: inout [Action]) {
        let head = shards[index].head
        let wanted = min(shards[index].count, settings.queue.maxSamplesPerSend)
        let count = encode(shards[index].records[head..<head + wanted], now)
        let body = encoder.finish()
        let (records, runs) = shards[index].take(count, now: now)
        let samples = runs.reduce(0) { $0 + $1.samples }
        let flight = Flight(
            records, runs, samples: samples, body: body, message: message, began: now)
        shards[index].flight = flight
        actions.append(.send(shard: index, body: body, message))
    }

    /// Makes the request of a flight anew, for the other message.
    mutating func encodeAgain(_ flight: Flight, _ now: UInt64) {
        _ = encode(ContiguousArray(flight.records)[...], now, isWhole: true)
        flight.body = encoder.finish()
        flight.message = message
    }

    /// Writes records until the request is large enough. Returns how many.
    private mutating func encode(
        _ records: ArraySlice<Record>, _ now: UInt64, isWhole: Bool = false
    ) -> Int {
        let interval = settings.metadataInterval?.clampedNanoseconds
        let limit = isWhole ? Int.max : settings.maxBatchBytes
        var index = records.startIndex
        while index < records.endIndex, index == records.startIndex || encoder.byteCount < limit {
            let series = records[index].series
            var end = index + 1
            while end < records.endIndex, records[end].series == series { end += 1 }
            if message == .v1 {
                if let interval { encodeMetadata(series, now, interval) }
                encodeV1(records, index..<end)
            } else {
                encodeV2(records[index..<end], interval)
            }
            index = end
        }
        return index - records.startIndex
    }

    /// 1.0 has them apart from series, from time to time.
    @inline(__always)
    private mutating func encodeMetadata(_ series: UInt32, _ now: UInt64, _ interval: UInt64) {
        let family = store.all[Int(series)].family
        guard store.takeDue(family, now: now, interval: interval) else { return }
        let known = store.families[Int(family)].family
        if !known.name.isEmpty { encoder.metadata(known) }
    }

    /// Records of one series.
    @inline(__always)
    private mutating func encodeV1(_ records: ArraySlice<Record>, _ range: Range<Int>) {
        let record = records[range.lowerBound]
        if range.count == 1, record.kind == .sample {
            encoder.series(
                record.series, in: store.labels, Double(bitPattern: record.value),
                at: record.timestamp)
            return
        }
        encoder.beginSeries(record.series, in: store.labels)
        for record in records[range] { append(record) }
        encoder.endSeries()
    }

    /// Records of one series; samples and histograms may not stand in one `TimeSeries`.
    private mutating func encodeV2(_ records: ArraySlice<Record>, _ interval: UInt64?) {
        var rest = records
        while let first = rest.first {
            let other = first.kind == .histogram ? Record.Kind.sample : .histogram
            let end = rest.firstIndex { $0.kind == other } ?? rest.endIndex
            encoder.beginSeries(first.series, in: store.labels)
            for record in rest[..<end] { append(record) }
            if interval != nil {
                let family = store.families[Int(store.all[Int(first.series)].family)]
                encoder.metadata(
                    family.family.type, help: family.help, unit: family.unit,
                    in: store.labels.symbols)
            }
            encoder.endSeries()
            rest = rest[end...]
        }
    }

    private mutating func append(_ record: Record) {
        switch record.kind {
        case .sample:
            encoder.sample(
                Double(bitPattern: record.value), at: record.timestamp, start: record.start)
        case .histogram: encoder.histogram(histograms[record.value], start: record.start)
        case .exemplar: encoder.exemplar(exemplars[record.value])
        }
    }

    /// Gives back what the records of a flight that has ended held.
    mutating func release(_ records: [Record]) {
        for record in records {
            switch record.kind {
            case .sample: break
            case .histogram: histograms.remove(record.value)
            case .exemplar: exemplars.remove(record.value)
            }
            store.release(record.series)
        }
    }
}
