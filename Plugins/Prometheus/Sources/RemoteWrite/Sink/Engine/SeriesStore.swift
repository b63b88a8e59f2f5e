import WeirPrometheus

/// Every series that is sent, with what stands in requests for it: no text is made again for one
/// that is known.
///
/// A series lives as long as a point remembers it or a sample of it waits.
struct SeriesStore {
    struct Series {
        /// The labels in a request of 1.0 with one sample.
        var template: SeriesTemplate
        /// Numbers in `symbols`; only for 2.0.
        var references: [UInt32]
        /// The time of the last sample that was taken, in milliseconds.
        var last = Int64.min
        var family: UInt32
        var uses: UInt32
        /// Decides on the shard.
        var hash: UInt32
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

    private(set) var all: ContiguousArray<Series> = []
    private(set) var families: ContiguousArray<Family> = []
    private(set) var symbols = SymbolTable()
    private var free: [UInt32] = []
    private var freeFamilies: [UInt32] = []
    private var byLabels: [SeriesTemplate: UInt32] = [:]
    private var byFamily: [MetricFamily: UInt32] = [:]
    private let relabel: RelabelRules
    private let returned = ReturnedSeries()
    private let hasSymbols: Bool
    private let hasCreatedSeries: Bool
    let sendsExemplars: Bool

    init(
        _ message: RemoteWriteMessage, relabel: RelabelRules, sendsExemplars: Bool
    ) {
        self.relabel = relabel
        self.sendsExemplars = sendsExemplars
        hasSymbols = message == .v2
        hasCreatedSeries = message == .v1
    }

    /// How many series there are.
    var count: Int { all.count - free.count }

    /// What is kept for a new point.
    mutating func entry(for identity: SeriesIdentity) -> PointEntry {
        var series: [UInt32] = []
        for labels in identity.series { series.append(add(labels, identity.family)) }
        let created =
            hasCreatedSeries && identity.hasCreated
            ? add(identity.createdSeries, MetricFamily(name: "", type: .unknown)) : Self.none
        return PointEntry(
            returned, series, sendsExemplars: sendsExemplars, created: created,
            hasCreated: identity.hasCreated,
            type: identity.family.type)
    }

    private mutating func add(_ labels: Labels, _ family: MetricFamily) -> UInt32 {
        var labels = labels
        if !relabel.isEmpty {
            guard let kept = relabel.apply(labels), !kept.isEmpty else { return Self.dropped }
            labels = kept
        }
        let template = SeriesTemplate(labels)
        if let index = byLabels[template] {
            all[Int(index)].uses += 1
            return index
        }
        let series = Series(
            template: template, references: hasSymbols ? labels.references(in: &symbols) : [],
            family: add(family), uses: 1, hash: UInt32(truncatingIfNeeded: template.hashValue))
        let index = free.popLast() ?? UInt32(all.count)
        if Int(index) == all.count { all.append(series) } else { all[Int(index)] = series }
        byLabels[template] = index
        return index
    }

    private mutating func add(_ family: MetricFamily) -> UInt32 {
        if let index = byFamily[family] {
            families[Int(index)].uses += 1
            return index
        }
        let entry = Family(
            family: family, help: hasSymbols ? symbols.retain(family.help) : 0,
            unit: hasSymbols ? symbols.retain(family.unit) : 0, uses: 1)
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
        let index = Int(index)
        let last = all[index].last
        guard time > last else { return time == last ? .duplicate : .late }
        all[index].last = time
        all[index].uses += 1
        return .next
    }

    /// Lets go of what points that were forgotten had.
    mutating func collect() {
        while let index = returned.indices.popLast() { release(index) }
    }

    mutating func retain(_ index: UInt32) { all[Int(index)].uses += 1 }

    mutating func release(_ index: UInt32) {
        guard index < Self.none else { return }
        all[Int(index)].uses -= 1
        if all[Int(index)].uses == 0 { remove(index) }
    }

    private mutating func remove(_ index: UInt32) {
        let series = all[Int(index)]
        byLabels[series.template] = nil
        for reference in series.references { symbols.release(reference) }
        all[Int(index)].template = SeriesTemplate(Labels())
        all[Int(index)].references = []
        free.append(index)
        let family = Int(series.family)
        families[family].uses -= 1
        guard families[family].uses == 0 else { return }
        byFamily[families[family].family] = nil
        if hasSymbols {
            symbols.release(families[family].help)
            symbols.release(families[family].unit)
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

/// What a point of OTLP is to the sink: its series, which it keeps as long as it is remembered.
final class PointEntry {
    /// Of a point with one series.
    let single: UInt32
    /// Of any other.
    let series: [UInt32]
    /// The series `_created`.
    let created: UInt32
    let hasCreated: Bool
    let isGaugeHistogram: Bool
    let takesExemplars: Bool
    /// How large the point is without exemplars: its numbers have a fixed size, so one that is as
    /// large as the last one without has none either and need not be searched.
    var plainSize = -1
    private let returned: ReturnedSeries

    init(
        _ returned: ReturnedSeries, _ series: [UInt32], sendsExemplars: Bool, created: UInt32,
        hasCreated: Bool, type: MetricType
    ) {
        self.returned = returned
        single = series.count == 1 ? series[0] : SeriesStore.none
        self.series = series.count == 1 ? [] : series
        self.created = created
        self.hasCreated = hasCreated
        isGaugeHistogram = type == .gaugeHistogram
        takesExemplars =
            sendsExemplars
            && (type == .counter || type == .histogram || type == .gaugeHistogram)
    }

    deinit {
        if single < SeriesStore.none { returned.indices.append(single) }
        for index in series where index < SeriesStore.none { returned.indices.append(index) }
        if created < SeriesStore.none { returned.indices.append(created) }
    }
}

/// The series of points that are gone, until the store lets go of them: it is a value, so that what
/// is done for every sample needs no checks for its exclusive use at run time.
final class ReturnedSeries {
    var indices: [UInt32] = []
}
