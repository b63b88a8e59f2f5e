import WeirTelemetry

/// What is known of a target's series, and the scrape in progress.
///
/// A scrape goes through three steps. Reading finds each line among those known, the one that
/// followed last time first, and notes the value in its ``Series``. Settling gives the new series
/// their labels and points and takes those away that vanished. Writing walks the points.
/// An error before settling is done leaves all as it was but for what is noted.
struct SeriesCache {
    let options: AssemblyOptions
    var hasher = KeyHasher()

    // What is known.
    var keys: [UInt8] = []
    var attributes: [UInt8] = []
    var lines: [Line] = []
    var lineTable = IndexTable()
    /// The line that began the last scrape.
    var firstLine = none
    var series: [Series] = []
    var points: [Point] = []
    var pointTable = IndexTable()
    var compositions: [Composition] = []
    var exposed = ExposedFamilies()
    var groups: [OutputGroup] = []
    var groupIndexes: [OutputGroup.Key: UInt32] = [:]
    var families: [OutputFamily] = []
    var familyIndexes: [OutputFamily.Key: UInt32] = [:]
    /// The series that have a point, and how many of these only say when it began.
    var boundCount = 0
    var createdCount = 0
    /// Those of them that had nothing to say it of when they came; some may have it by now.
    var aloneCreated: [UInt32] = []
    /// How many series the last scrape had.
    var live = 0
    /// How often a point has begun, and how often it had when those above were looked at.
    var beginnings: UInt64 = 0
    var beginningsSeen: UInt64 = 0

    // The scrape in progress.
    var scrape: UInt32 = 0
    var now: UInt64 = 0
    var result = Scrape()
    /// Series to be resolved, and where in the exposition they stand.
    var fresh: [(series: UInt32, offset: Int)] = []
    /// Those that say when a point began, until all points are there.
    var created: [(DecodedSeries, Labels, UInt32)] = []
    /// How many samples are read before limits are looked at again.
    var nextLimitCheck = Int.max
    /// Samples of series that had one in this scrape already.
    var repeated: [(series: UInt32, value: Double, time: UInt64?)] = []
    /// How many of these are known not to be dropped.
    var keptRepeats = 0
    var details: [UInt32: SampleDetail] = [:]
    /// Whether a sample of this scrape says itself when it began.
    var hasCreated = false
    /// Points and parts of points, encoded.
    var scratch: [UInt8] = []
    /// The series seen that have a point.
    var boundSeen = 0
    var droppedSamples = 0
    /// The line before the one being read.
    var previousLine = none

    init(options: AssemblyOptions) {
        self.options = options
    }

    mutating func begin(at time: UInt64, format: ExpositionFormat) {
        compactIfWorthwhile(live: live)
        scrape += 1
        now = time
        result = Scrape()
        result.format = format
        // The first scrape of a target has much that is new, the others little.
        fresh.removeAll(keepingCapacity: fresh.count < 1000)
        repeated.removeAll(keepingCapacity: repeated.count < 1000)
        keptRepeats = 0
        created.removeAll()
        details.removeAll(keepingCapacity: true)
        scratch.removeAll(keepingCapacity: true)
        hasCreated = false
        boundSeen = 0
        droppedSamples = 0
        previousLine = none
        planLimitCheck()
        for index in families.indices { families[index].loose.removeAll(keepingCapacity: true) }
    }

    /// The line that is expected next; ``none`` if there is no telling.
    var expectedLine: UInt32 {
        previousLine == none ? firstLine : lines[Int(previousLine)].next
    }

    /// Notes that a line was read, for the next scrape to expect it there.
    mutating func follow(_ line: UInt32) {
        let next = lines[Int(line)].isDelimited ? line : none
        if previousLine == none {
            firstLine = next
        } else {
            lines[Int(previousLine)].next = next
        }
        previousLine = line
    }

    /// The line with these bytes; made if there is none.
    mutating func line(
        _ key: RawSpan, _ kind: Line.Kind, isDelimited: Bool
    ) throws(ExpositionError) -> (index: UInt32, isNew: Bool) {
        let hash = hasher.hash(key, with: UInt32(kind == .protobufFamily ? 1 : 0))
        let known = lineTable.find(hash) { index in
            let line = lines[Int(index)]
            return line.hash == hash && line.keyCount == UInt32(key.byteCount)
                && line.kind.isSame(as: kind) && key.has(keys.raw.part(line.key), at: 0)
        }
        if let known { return (known, false) }
        // Offsets of 32 bits save memory, and no target comes near.
        guard keys.count + key.byteCount < 3 << 30, attributes.count < 3 << 30 else {
            throw ExpositionError(.sampleLimit, "the series take more than 3 GiB as text")
        }
        let index = UInt32(lines.count)
        var line = Line(
            keyStart: UInt32(keys.count), keyCount: UInt32(key.byteCount), hash: hash, kind: kind,
            isDelimited: isDelimited)
        keys.append(contentsOf: key)
        if kind == .textSeries || kind == .protobufSeries {
            line.target = UInt32(series.count)
            series.append(Series(line: index))
        }
        lines.append(line)
        let all = lines
        lineTable.insert(index, hash) { all[Int($0)].hash }
        return (index, true)
    }

    /// Notes a sample of the series of a line.
    @inline(__always)
    mutating func note(_ index: UInt32, _ value: Double, time own: Int64?, offset: Int) -> Bool {
        result.samplesScraped += 1
        var time: UInt64?
        if let own, options.honorTimestamps {
            // As Prometheus: not before 1970, and not more than ten minutes ahead.
            guard own >= 0, UInt64(own) <= now &+ 600_000_000_000 else {
                result.outOfBounds += 1
                return false
            }
            time = UInt64(own)
        }
        let isBound = series[Int(index)].note(value, time, in: scrape)
        switch isBound {
        case .again where series[Int(index)].role == .dropped: droppedSamples += 1
        case .again: repeated.append((index, value, time))
        case .unresolved: fresh.append((index, offset))
        case .dropped: droppedSamples += 1
        case .bound: boundSeen += 1
        }
        return isBound != .again
    }
}

extension Series {
    enum Noted { case bound, dropped, unresolved, again }

    @inline(__always)
    fileprivate mutating func note(_ value: Double, _ time: UInt64?, in scrape: UInt32) -> Noted {
        guard seen != scrape else { return .again }
        seen = scrape
        self.value = value
        flags.remove([.hasTime, .hasDetail])
        if let time {
            self.time = time
            flags.insert(.hasTime)
        }
        switch role {
        case .unresolved: return .unresolved
        case .dropped: return .dropped
        default: return .bound
        }
    }
}

extension Line.Kind {
    /// Bytes of text and of protobuf are never the same line.
    fileprivate func isSame(as other: Line.Kind) -> Bool {
        (self == .protobufSeries) == (other == .protobufSeries)
            && (self == .protobufFamily) == (other == .protobufFamily)
    }
}
