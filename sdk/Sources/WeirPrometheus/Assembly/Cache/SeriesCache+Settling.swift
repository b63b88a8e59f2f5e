import WeirTelemetry

extension SeriesCache {
    /// Makes the request of what was read. Only the first steps can fail, and they take nothing
    /// away.
    mutating func settle(
        _ relabel: ScrapeAssembler.Relabel, in body: RawSpan
    ) throws(ExpositionError) -> Scrape {
        try resolveLast(relabel, in: body)
        let repeats = settleRepeated()
        try checkSampleLimit()
        describeAnew()
        if boundSeen != boundCount { retireVanished() }
        resolveLeftBehind(relabel)
        moveToTwins()
        for (index, value, time) in repeats { appendLoose(index, value, at: time) }
        for family in families.indices { settlePoints(of: family) }
        result.samplesAfterRelabel = result.samplesScraped - droppedSamples
        live = result.samplesScraped - repeated.count
        result.items = layOut()
        result.byteCount = requestSize
        return result
    }

    /// Ends a scrape that cannot be passed on; gives the error with what was counted so far.
    mutating func failed(_ error: ExpositionError) -> ExpositionError {
        var error = error
        error.samplesScraped = result.samplesScraped
        error.samplesAfterRelabel = result.samplesScraped - droppedSamples
        // What only failed scrapes have would pile up.
        compactIfWorthwhile(live: boundCount)
        return error
    }

    mutating func markAllStale(at time: UInt64) -> Scrape {
        begin(at: time, format: result.format)
        for index in families.indices {
            families[index].regularCount = 0
            families[index].pointsSize = 0
        }
        retireAll()
        result.items = layOut()
        result.byteCount = requestSize
        return result
    }

    /// Sorts samples whose series had one in this scrape already into those that count, because
    /// they have later timestamps, and duplicates.
    private mutating func settleRepeated() -> [(series: UInt32, value: Double, time: UInt64)] {
        guard !repeated.isEmpty else { return [] }
        var kept: [(series: UInt32, value: Double, time: UInt64)] = []
        var last: [UInt32: UInt64] = [:]
        for (index, value, time) in repeated {
            let first = series[Int(index)]
            switch first.role {
            case .dropped: droppedSamples += 1
            case .unresolved, .created, .native: result.duplicates += 1
            default:
                let before = last[index] ?? (first.flags.contains(.hasTime) ? first.time : now)
                guard let time, time > before else {
                    result.duplicates += 1
                    continue
                }
                last[index] = time
                kept.append((index, value, time))
            }
        }
        return kept
    }

    /// Moves points that say since when they are, or do so no more, to the metric for that.
    private mutating func moveToTwins() {
        for index in families.indices where families[index].key.kind.hasStart {
            guard hasCreated || families[index].twin != none || createdCount > 0 else { continue }
            let moving = families[index].points.filter {
                !points[Int($0)].isDead
                    && (created(of: points[Int($0)]) != 0) != families[index].hasCreated
            }
            guard !moving.isEmpty else { continue }
            let twin = twin(of: UInt32(index))
            for point in moving { points[Int(point)].family = twin }
            families[Int(twin)].points += moving
            families[index].needsSweep = true
        }
        for index in families.indices where families[index].needsSweep { sweep(index) }
    }

    /// What a point says of its beginning, in nanoseconds since 1970; 0 if nothing.
    func created(of point: Point) -> UInt64 {
        if point.created != none {
            let nanoseconds = nanoseconds(series[Int(point.created)].value)
            return nanoseconds > 0 && nanoseconds < .max ? UInt64(nanoseconds) : 0
        }
        guard hasCreated, !point.isDead else { return 0 }
        let family = families[Int(point.family)]
        let source =
            family.key.kind.isComposed
            ? compositions[Int(point.source)].count : point.source
        guard source != none, series[Int(source)].seen == scrape,
            series[Int(source)].flags.contains(.hasDetail)
        else { return 0 }
        return details[source]?.created ?? 0
    }

    /// Follows the points of a family through time and encodes those that are not simple.
    private mutating func settlePoints(of index: Int) {
        families[index].regularCount = 0
        families[index].pointsSize = 0
        guard !families[index].points.isEmpty else { return }
        let kind = families[index].key.kind
        // Taken out, so that nothing is copied.
        let members = families[index].points
        families[index].points = []
        switch kind {
        case .histogram, .summary: for point in members { settleComposed(point) }
        case .exponentialHistogram: for point in members { settleNative(point) }
        case .gauge, .counter, .state:
            var size = 0
            var count = 0
            for point in members {
                let source = points[Int(point)].source
                if kind == .counter {
                    follow(point, series[Int(source)].value, at: time(of: source))
                }
                addLive(source)
                if series[Int(source)].flags.contains(.hasDetail) {
                    appendLoose(source, series[Int(source)].value, at: time(of: source))
                } else {
                    size &+= framed(pointSize(points[Int(point)]))
                    count &+= 1
                }
            }
            families[index].regularCount = count
            families[index].pointsSize = size
        }
        families[index].points = members
    }

    /// When a series' sample of this scrape was taken.
    @inline(__always)
    func time(of index: UInt32) -> UInt64 {
        let series = series[Int(index)]
        return series.flags.contains(.hasTime) ? series.time : now
    }

    /// Finds out when the sequence that a point belongs to began.
    @inline(__always)
    mutating func follow(_ index: UInt32, _ value: Double, at time: UInt64) {
        points[Int(index)].follow(value, at: time)
        let point = points[Int(index)]
        guard hasCreated || point.created != none else { return }
        let created = created(of: point)
        if created != 0 { points[Int(index)].start = created }
    }

    @inline(__always)
    mutating func addLive(_ index: UInt32) {
        guard !series[Int(index)].flags.contains(.live) else { return }
        series[Int(index)].flags.insert(.live)
        result.seriesAdded += 1
    }
}

extension Point {
    @inline(__always)
    fileprivate mutating func follow(_ value: Double, at time: UInt64) {
        if lastTime == 0 {
            start = time
        } else if value < lastValue {
            start = lastTime
        }
        // Timestamps of a target's own may go back.
        start = min(start, time)
        lastTime = time
        lastValue = value
    }
}
