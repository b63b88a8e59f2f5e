import WeirPrometheus
import WeirSDK
import WeirTelemetry

/// What is counted while a batch is taken apart.
struct Intake {
    /// For points without a time.
    let unixNano: UInt64
    var ticket: Ticket
}

extension WriteEngine {
    /// Puts the samples of a point into their shards.
    mutating func take(
        _ point: borrowing PointData, _ entry: inout PointEntry, _ intake: inout Intake
    ) {
        let nano = point.timeUnixNano
        let time = Int64(bitPattern: (nano == 0 ? intake.unixNano : nano) / 1_000_000)
        let start =
            entry.flags.contains(.hasCreated)
            ? Int64(bitPattern: point.startTimeUnixNano / 1_000_000) : 0
        if entry.flags.contains(.hasList) {
            let series = store.lists[UInt64(entry.number)]
            switch point {
            case .exponentialHistogram(let view):
                takeNative(view, series.all[0], entry.flags, time, start, &intake)
            default: point.forEachSample { add(series.all[$0], $1, time, start, &intake) }
            }
            if series.created < SeriesStore.none, start > 0 {
                // Seconds and their fraction apart: together they are more digits than a double has.
                let (seconds, rest) = point.startTimeUnixNano.quotientAndRemainder(
                    dividingBy: 1_000_000_000)
                let value = point.isStale ? staleMarker : Double(seconds) + Double(rest) / 1e9
                add(series.created, value, time, 0, &intake)
            }
            if entry.flags.contains(.exemplars) {
                takeExemplars(point, &entry, series.all, time, &intake)
            }
        } else {
            let number = entry.number
            switch point {
            case .exponentialHistogram(let view):
                takeNative(view, number, entry.flags, time, start, &intake)
            default: point.forEachSample { add(number, $1, time, start, &intake) }
            }
            if entry.flags.contains(.exemplars) { takeExemplars(point, &entry, [], time, &intake) }
        }
    }

    /// Puts the sample of a number into its shard, which most points are.
    @inline(__always)
    mutating func take(
        number view: borrowing NumberDataPointView, _ entry: inout PointEntry,
        _ intake: inout Intake
    ) {
        guard !entry.flags.contains(.hasList) else {
            return take(.number(copy view), &entry, &intake)
        }
        let nano = view.timeUnixNano
        let time = Int64(bitPattern: (nano == 0 ? intake.unixNano : nano) / 1_000_000)
        let start =
            entry.flags.contains(.hasCreated)
            ? Int64(bitPattern: view.startTimeUnixNano / 1_000_000) : 0
        if let value = view.flags & 1 != 0 ? staleMarker : view.value.double {
            add(entry.number, value, time, start, &intake)
        }
        guard entry.flags.contains(.exemplars) else { return }
        takeExemplars(view, &entry, entry.number, time, &intake)
    }

    @inline(__always)
    private mutating func add(
        _ series: UInt32, _ value: Double, _ time: Int64, _ start: Int64, _ intake: inout Intake
    ) {
        intake.ticket.samples += 1
        guard series != SeriesStore.dropped else {
            intake.ticket.filtered += 1
            return
        }
        switch store.advance(series, to: time) {
        case .next: break
        case .duplicate:
            intake.ticket.drop(.duplicate)
            return
        case .late:
            intake.ticket.drop(.late)
            return
        }
        put(
            Record(
                series: series, kind: .sample, value: value.bitPattern, timestamp: time,
                start: start), &intake)
    }

    @inline(__always)
    private mutating func put(_ record: Record, _ intake: inout Intake) {
        shards[shard(of: record.series)].append(record)
        intake.ticket.outstanding += 1
    }

    @inline(__always)
    func shard(of series: UInt32) -> Int {
        let hash = UInt64(store.labels.hash(of: series))
        return Int((hash &* UInt64(shards.count)) >> 32)
    }

    private mutating func takeNative(
        _ view: borrowing ExponentialHistogramDataPointView, _ series: UInt32,
        _ flags: PointEntry.Flags, _ time: Int64, _ start: Int64, _ intake: inout Intake
    ) {
        intake.ticket.samples += 1
        guard series != SeriesStore.dropped, settings.sendsNativeHistograms else {
            intake.ticket.filtered += 1
            return
        }
        guard var histogram = NativeHistogram(view, isGauge: flags.contains(.isGauge)) else {
            intake.ticket.drop(.tooWide)
            return
        }
        switch store.advance(series, to: time) {
        case .next: break
        case .duplicate:
            intake.ticket.drop(.duplicate)
            return
        case .late:
            intake.ticket.drop(.late)
            return
        }
        histogram.timestamp = time
        put(
            Record(
                series: series, kind: .histogram, value: histograms.add(histogram.encoded()),
                timestamp: time, start: start), &intake)
    }

    // MARK: Exemplars

    /// - Parameter list: the point's series, if there are several.
    private mutating func takeExemplars(
        _ point: borrowing PointData, _ entry: inout PointEntry, _ list: [UInt32], _ time: Int64,
        _ intake: inout Intake
    ) {
        let single = list.first ?? entry.number
        switch point {
        case .number(let view): takeExemplars(view, &entry, single, time, &intake)
        case .exponentialHistogram(let view):
            guard settings.sendsNativeHistograms else { return }
            _ = take(view.exemplars, time, &intake) { _ in single }
        case .histogram(let view):
            _ = take(view.exemplars, time, &intake) { value in
                var bounds = view.explicitBounds
                var index = 0
                while let bound = bounds.nextDouble(), value > bound { index += 1 }
                // Without buckets, the count is first, whatever bounds there are.
                return list[min(index, list.count - 1)]
            }
        case .summary, .info: break
        }
    }

    /// Those of a number. A point as large as one without any has none.
    private mutating func takeExemplars(
        _ view: borrowing NumberDataPointView, _ entry: inout PointEntry, _ series: UInt32,
        _ time: Int64, _ intake: inout Intake
    ) {
        let size = UInt32(truncatingIfNeeded: view.bytes.byteCount)
        guard size != entry.plainSize else { return }
        if !take(view.exemplars, time, &intake, { _ in series }) { entry.plainSize = size }
    }

    /// Whether there were any.
    private mutating func take(
        _ list: consuming Repeated<ExemplarView>, _ time: Int64, _ intake: inout Intake,
        _ series: (Double) -> UInt32
    ) -> Bool {
        var hasAny = false
        while let view = list.next() {
            hasAny = true
            guard
                let exemplar = SentExemplar(
                    view, pointTimeUnixNano: UInt64(bitPattern: time) &* 1_000_000)
            else { continue }
            let index = series(exemplar.value)
            guard index < SeriesStore.none else { continue }
            // A target shows an exemplar until it has a newer one.
            if let last = lastExemplar[index], exemplar.timestamp <= last { continue }
            if lastExemplar.count > 100_000 { lastExemplar = [:] }
            lastExemplar[index] = exemplar.timestamp
            store.retain(index)
            put(
                Record(
                    series: index, kind: .exemplar, value: exemplars.add(exemplar),
                    timestamp: exemplar.timestamp, start: 0), &intake)
        }
        return hasAny
    }
}
