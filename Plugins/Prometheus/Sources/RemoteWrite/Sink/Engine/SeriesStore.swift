import WeirPrometheus

/// Every series that is sent, with what stands in requests for it: no text is made again for one
/// that is known.
///
/// A series lives as long as a point remembers it or a sample of it waits.
struct SeriesStore {
    struct Series {
        /// The time of the last sample that was taken, in milliseconds.
        var last = Int64.min
        var family: UInt32
        var uses: UInt32

        @inline(__always)
        mutating func advance(to time: Int64) -> Order {
            guard time > last else { return time == last ? .duplicate : .late }
            last = time
            uses += 1
            return .next
        }

        /// One use less; whether it was the last.
        @inline(__always)
        mutating func release() -> Bool {
            uses -= 1
            return uses == 0
        }
    }

    struct Family {
        var family: MetricFamily
        var help: UInt32
        var unit: UInt32
        var uses: UInt32
        /// When its metadata are to be sent again, by the monotonic clock.
        var due: UInt64 = 0
    }

    /// In place of a series that the rules dropped.
    static let dropped = UInt32.max
    /// In place of a series that does not exist.
    static let none = UInt32.max - 1

    /// What stands in requests for a series, by its number.
    private(set) var labels: SentLabels
    private(set) var all: ContiguousArray<Series> = []
    private(set) var families: ContiguousArray<Family> = []
    private var freeFamilies: [UInt32] = []
    private var byFamily: [MetricFamily: UInt32] = [:]
    private(set) var lists = Slots<PointSeries>()
    private var forgotten: [PointEntry] = []
    private let relabel: RelabelRules
    private let hasSymbols: Bool
    private let hasCreatedSeries: Bool
    private let sendsExemplars: Bool

    init(
        _ message: RemoteWriteMessage, relabel: RelabelRules, sendsExemplars: Bool
    ) {
        self.relabel = relabel
        self.sendsExemplars = sendsExemplars
        labels = SentLabels(message)
        hasSymbols = message == .v2
        hasCreatedSeries = message == .v1
    }

    /// How many series there are.
    var count: Int { labels.count }

    /// What is kept for a new point.
    mutating func entry(for identity: SeriesIdentity) -> PointEntry {
        var flags: PointEntry.Flags = []
        if identity.hasCreated { flags.insert(.hasCreated) }
        switch identity.family.type {
        case .gaugeHistogram: flags.formUnion(sendsExemplars ? [.isGauge, .exemplars] : .isGauge)
        case .counter, .histogram: if sendsExemplars { flags.insert(.exemplars) }
        default: break
        }
        let labels = identity.series
        let hasCreatedSeries = hasCreatedSeries && identity.hasCreated
        if labels.count == 1, !hasCreatedSeries {
            return PointEntry(number: add(labels[0], identity.family), flags: flags)
        }
        var point = PointSeries(all: [])
        point.all.reserveCapacity(labels.count)
        for labels in labels { point.all.append(add(labels, identity.family)) }
        if hasCreatedSeries {
            point.created = add(
                identity.createdSeries, MetricFamily(name: "", type: .unknown))
        }
        return PointEntry(
            number: UInt32(lists.add(point)), flags: flags.union(.hasList))
    }

    private mutating func add(_ labels: Labels, _ family: MetricFamily) -> UInt32 {
        var labels = labels
        if !relabel.isEmpty {
            guard let kept = relabel.apply(labels), !kept.isEmpty else { return Self.dropped }
            labels = kept
        }
        let (number, isNew) = self.labels.insert(labels)
        if !isNew {
            all[Int(number)].uses += 1
            return number
        }
        let series = Series(family: add(family), uses: 1)
        if Int(number) == all.count { all.append(series) } else { all[Int(number)] = series }
        return number
    }

    private mutating func add(_ family: MetricFamily) -> UInt32 {
        if let index = byFamily[family] {
            families[Int(index)].uses += 1
            return index
        }
        let entry = Family(
            family: family, help: hasSymbols ? labels.symbols.retain(family.help) : 0,
            unit: hasSymbols ? labels.symbols.retain(family.unit) : 0, uses: 1)
        let index = freeFamilies.popLast() ?? UInt32(families.count)
        if Int(index) == families.count {
            families.append(entry)
        } else {
            families[Int(index)] = entry
        }
        byFamily[family] = index
        return index
    }

    /// What a time says about a sample of a series.
    enum Order { case next, duplicate, late }

    /// Takes a time for a series, and one use more, if it follows those before.
    @inline(__always)
    mutating func advance(_ index: UInt32, to time: Int64) -> Order {
        all[Int(index)].advance(to: time)
    }

    /// What a point that is forgotten had is let go of by ``collect()``, so that a series stays
    /// that has another point by then.
    mutating func forget(_ entry: PointEntry) { forgotten.append(entry) }

    mutating func collect() {
        while let entry = forgotten.popLast() {
            guard entry.flags.contains(.hasList) else {
                release(entry.number)
                continue
            }
            let point = lists[UInt64(entry.number)]
            for number in point.all { release(number) }
            release(point.created)
            lists.remove(UInt64(entry.number))
        }
    }

    mutating func retain(_ index: UInt32) { all[Int(index)].uses += 1 }

    mutating func release(_ index: UInt32) {
        guard index < Self.none else { return }
        if all[Int(index)].release() { remove(index) }
    }

    private mutating func remove(_ index: UInt32) {
        let series = all[Int(index)]
        labels.remove(index)
        let family = Int(series.family)
        families[family].uses -= 1
        guard families[family].uses == 0 else { return }
        byFamily[families[family].family] = nil
        if hasSymbols {
            labels.symbols.release(families[family].help)
            labels.symbols.release(families[family].unit)
        }
        freeFamilies.append(series.family)
    }

    /// Whether metadata of a family are due; if so, they are due again `interval` later.
    mutating func takeDue(_ family: UInt32, now: UInt64, interval: UInt64) -> Bool {
        guard families[Int(family)].due <= now else { return false }
        families[Int(family)].due = now &+ interval
        return true
    }
}
