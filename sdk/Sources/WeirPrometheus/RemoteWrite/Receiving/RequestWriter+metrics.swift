import WeirTelemetry

extension RequestWriter {
    /// Series that are a metric of their own.
    @_lifetime(self: copy self)
    mutating func writeSingle(_ metric: ReceivedMetrics.Metric) {
        let entries = metric.entries
        let exemplars = exemplarHomes(entries) { !list.entries[$0].samples.isEmpty }
        let data: Data =
            switch metric.meaning.type {
            case .counter, .info, .stateset: .sum
            default: .gauge
            }
        let hasCreated = entries.contains { index in
            list.samples[list.entries[index].samples].contains { $0.start != 0 }
        }
        let open = begin(metric.name, metric.meaning, data, hasCreated: hasCreated)
        for (place, index) in entries.enumerated() {
            let entry = list.entries[index]
            for sample in entry.samples where !isFull {
                let isLast = sample == entry.samples.upperBound - 1
                append(list.samples[sample], entry, isLast ? exemplars[place] : [])
            }
        }
        end(open)
    }

    private mutating func append(
        _ sample: WireSample, _ entry: SeriesList.Entry, _ exemplars: [Range<Int>]
    ) {
        points.appendNumber(sample, of: entry, exemplars: exemplars, to: &bytes)
        items += 1
    }

    /// For each series the exemplars that belong to its last point: its own, and those of entries
    /// with the same labels that have no points, as Prometheus sends them.
    private func exemplarHomes(_ entries: [Int], hasPoints: (Int) -> Bool) -> [[Range<Int>]] {
        var homes = [[Range<Int>]](repeating: [], count: entries.count)
        var orphans: [Int] = []
        for (place, index) in entries.enumerated() where !list.entries[index].exemplars.isEmpty {
            if hasPoints(index) {
                homes[place].append(list.entries[index].exemplars)
            } else {
                orphans.append(index)
            }
        }
        guard !orphans.isEmpty else { return homes }
        var keys = KeyTable()
        var places: [Int] = []
        for (place, index) in entries.enumerated() where hasPoints(index) {
            let (number, isNew) = keys.insert(key(of: list.entries[index]))
            if isNew { places.append(place) } else { places[number] = place }
        }
        for index in orphans {
            let (number, isNew) = keys.insert(key(of: list.entries[index]))
            if isNew { places.append(-1) }
            if places[number] >= 0 { homes[places[number]].append(list.entries[index].exemplars) }
        }
        return homes
    }

    /// The attributes of a series as bytes to compare.
    private func key(
        of entry: SeriesList.Entry, without own: PointWriter.Own = .nothing
    ) -> [UInt8] {
        var key: [UInt8] = []
        points.appendAttributes(1, entry, without: own, to: &key)
        return key
    }

    /// Native histograms.
    @_lifetime(self: copy self)
    mutating func writeNative(_ metric: ReceivedMetrics.Metric) {
        let isCustom = metric.kind == .custom
        func isOurs(_ histogram: NativeHistogram) -> Bool {
            (histogram.schema == NativeHistogram.customSchema) == isCustom
        }
        let exemplars = exemplarHomes(metric.entries) { !list.entries[$0].histograms.isEmpty }
        let hasCreated = metric.entries.contains { index in
            list.histograms[list.entries[index].histograms].contains { $0.start != 0 }
        }
        var meaning = metric.meaning
        if meaning.type != .gaugeHistogram { meaning.type = .histogram }
        let open = begin(
            metric.name, meaning, isCustom ? .histogram : .exponential, hasCreated: hasCreated)
        for (place, index) in metric.entries.enumerated() {
            let entry = list.entries[index]
            let last = list.histograms[entry.histograms].lastIndex(where: isOurs)
            for number in entry.histograms
            where isOurs(list.histograms[number]) && !isFull {
                let own = number == last ? exemplars[place] : []
                let histogram = list.histograms[number]
                if isCustom {
                    points.appendCustom(histogram, of: entry, exemplars: own, to: &bytes)
                } else {
                    points.appendExponential(histogram, of: entry, exemplars: own, to: &bytes)
                }
                items += 1
            }
        }
        end(open)
    }

    /// Classic histograms and summaries: those that are whole, then the rest series by series.
    @_lifetime(self: copy self)
    mutating func writeClassic(_ metric: ReceivedMetrics.Metric) {
        let isSummary = metric.meaning.type == .summary
        var keys = KeyTable()
        var groups: [[ClassicPart]] = []
        var exemplars: [[Range<Int>]] = []
        var hasCreated = false
        for (index, role) in zip(metric.entries, metric.roles) {
            let entry = list.entries[index]
            let own: PointWriter.Own =
                role == .bucket ? .bound : role == .quantile ? .quantile : .nothing
            let (group, isNew) = keys.insert(key(of: entry, without: own))
            if isNew {
                groups.append([])
                exemplars.append([])
            }
            let place = role == .bucket ? entry.bound : role == .quantile ? entry.quantile : nil
            let bound = place.flatMap { boundValue(source.extracting($0)) } ?? 0
            for sample in entry.samples {
                let value = list.samples[sample]
                hasCreated = hasCreated || value.start != 0
                groups[group].append(
                    ClassicPart(
                        timestamp: value.timestamp, role: role, bound: bound, value: value.value,
                        start: value.start, entry: index, sample: sample))
            }
            if !entry.exemplars.isEmpty { exemplars[group].append(entry.exemplars) }
        }
        var rest: [ClassicPart] = []
        let open = begin(
            metric.name, metric.meaning, isSummary ? .summary : .histogram, hasCreated: hasCreated)
        for (group, parts) in groups.enumerated() {
            write(parts, exemplars[group], isSummary: isSummary, &rest)
        }
        end(open)
        writeRest(rest, metric.meaning, hasCreated: hasCreated)
    }

    /// One histogram or summary, at each of its moments.
    private mutating func write(
        _ parts: [ClassicPart], _ exemplars: [Range<Int>], isSummary: Bool,
        _ rest: inout [ClassicPart]
    ) {
        let sorted = parts.sorted(by: ClassicPart.precedes)
        var from = sorted.startIndex
        while from < sorted.endIndex {
            let moment = sorted[from].timestamp
            let to = sorted[from...].firstIndex { $0.timestamp != moment } ?? sorted.endIndex
            let entry = list.entries[sorted[from].entry]
            // The labels of a bucket or quantile: its own label is no attribute of the point.
            if isSummary, let point = ClassicSummary(sorted[from..<to]) {
                points.appendSummary(point, of: entry, to: &bytes)
                items += 1
            } else if !isSummary, let point = ClassicHistogram(sorted[from..<to]) {
                points.appendHistogram(
                    point, of: entry, without: .bound,
                    exemplars: to == sorted.endIndex ? exemplars : [], to: &bytes)
                items += 1
            } else {
                rest += sorted[from..<to]
            }
            from = to
        }
    }

    /// Parts of what is not whole, as the series that they came as.
    private mutating func writeRest(
        _ rest: [ClassicPart], _ meaning: SeriesMeaning, hasCreated: Bool
    ) {
        for role in [SeriesRole.bucket, .quantile, .count, .sum] {
            let parts = rest.filter { $0.role == role }
            guard let first = parts.first else { continue }
            let open = begin(
                list.entries[first.entry].name, meaning, .gauge, hasCreated: hasCreated)
            for part in parts {
                let entry = list.entries[part.entry]
                let isLast = part.sample == entry.samples.upperBound - 1
                append(list.samples[part.sample], entry, isLast ? [entry.exemplars] : [])
            }
            end(open)
        }
    }
}
