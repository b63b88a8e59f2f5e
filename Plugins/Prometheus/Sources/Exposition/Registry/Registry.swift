import WeirPrometheus
import WeirTelemetry

/// The last point of every series, by family. Not thread-safe: the sink holds it under a lock,
/// writers for the time of a batch, readers only for as long as it takes to copy references.
struct Registry {
    /// What the translator keeps for a series.
    struct Held {
        let series: ExpositionSeries
        let family: MetricFamily
        let isNative: Bool
        let isDelta: Bool
        let hasCreated: Bool
        var place: HeldFamily.Place?

        init(_ identity: SeriesIdentity) {
            series = ExpositionSeries(identity)
            family = identity.family
            isNative = identity.layout == .native
            isDelta = identity.isDelta
            hasCreated = identity.hasCreated
        }
    }

    private let translator: SeriesTranslator<Held>
    private var families: [String: HeldFamily] = [:]
    private(set) var count = 0
    private let maximumSeries: Int
    /// Nanoseconds; `nil`: never.
    private let expiration: UInt64?
    private var lastExpiry: UInt64 = 0
    /// Points that could not be exposed, since the start.
    private(set) var dropped = DropCounts()
    /// Names of families about which something was said.
    private var named: Set<String> = []

    init(_ options: TranslationOptions, maximumSeries: Int, expiration: UInt64?) {
        var options = options
        options.takesDelta = true
        // Twice: the same series may come under different bytes.
        options.maximumSeries = maximumSeries > Int.max / 2 ? .max : maximumSeries * 2
        if let expiration {
            options.memory = .nanoseconds(Int64(clamping: max(expiration, 60_000_000_000)))
        }
        translator = SeriesTranslator(options)
        self.maximumSeries = maximumSeries
        self.expiration = expiration
    }

    /// Takes the points of a request.
    ///
    /// - Returns: what was dropped of it, and sentences about families that do not fit together,
    ///   each said once.
    mutating func take(_ request: RawSpan, at moment: UInt64) -> (DropCounts, [String]) {
        expireNowAndThen(moment)
        var drops = DropCounts()
        var sentences: [String] = []
        let translator = translator
        let left = translator.translate(request, now: moment, make: { Held($0) }) { point, held in
            if let reason = take(point, &held, at: moment, &sentences) { drops[reason] += 1 }
        }
        drops.add(left)
        dropped.add(drops)
        return (drops, sentences)
    }

    private mutating func take(
        _ point: borrowing PointData, _ held: inout Held, at moment: UInt64,
        _ sentences: inout [String]
    ) -> DropReason? {
        if let place = held.place, let index = place.index {
            if point.isStale {
                remove(place.family, index)
                return nil
            }
            return update(point, held, place.family, index, at: moment)
        }
        let key = HeldFamily.Key(labels: held.series.labels, isNative: held.isNative)
        if let family = families[held.family.name] {
            if let sentence = conflict(held.family, with: family.head) {
                sentences.append(sentence)
            }
            guard family.head.type == held.family.type else { return .typeConflict }
            if let place = family.place(of: key) {
                held.place = place
                return take(point, &held, at: moment, &sentences)
            }
        }
        guard !point.isStale else { return nil }
        guard count < maximumSeries else { return .maxSeries }
        guard
            let new = ExpositionPoint(
                point, held.series, hasCreated: held.hasCreated,
                isGauge: held.family.type == .gaugeHistogram)
        else { return .unsupported }
        let family = families[held.family.name] ?? HeldFamily(held.family)
        families[held.family.name] = family
        held.place = family.add(new, key, at: moment)
        count += 1
        return nil
    }

    /// A newer point takes the place of the one that is held; a delta is added to it.
    private func update(
        _ point: borrowing PointData, _ held: Held, _ family: HeldFamily, _ index: Int,
        at moment: UInt64
    ) -> DropReason? {
        let time = point.timeUnixNano
        guard time >= family.points[index].timeUnixNano else { return .outOfOrder }
        if case .number(let number) = copy point, !held.isDelta, let value = number.value.double {
            var exemplars = number.exemplars
            if family.points[index].exemplars.isEmpty, exemplars.nextBytes() == nil {
                // What nearly all points are: nothing is made anew.
                family.points[index].value = .number(value)
                family.points[index].timeUnixNano = time
                family.points[index].startTimeUnixNano = number.startTimeUnixNano
                family.touch(index, at: moment)
                return nil
            }
        }
        guard
            var new = ExpositionPoint(
                point, held.series, hasCreated: held.hasCreated,
                isGauge: held.family.type == .gaugeHistogram)
        else { return .unsupported }
        if held.isDelta, let reason = new.accumulate(onto: family.points[index]) { return reason }
        family.points[index] = new
        family.touch(index, at: moment)
        return nil
    }

    private mutating func remove(_ family: HeldFamily, _ index: Int) {
        family.remove(index)
        count -= 1
        if family.points.isEmpty { families[family.head.name] = nil }
    }

    /// What is wrong between two sources of one family; said once for each name.
    private mutating func conflict(_ new: MetricFamily, with held: MetricFamily) -> String? {
        guard new.type != held.type || new.help != held.help, named.count < 1000,
            named.insert(new.name).inserted
        else { return nil }
        if new.type != held.type {
            return "\(new.name) came as a \(held.type.rawValue) first and now comes as a "
                + "\(new.type.rawValue): points of the second are dropped, rename one of the two"
        }
        return "\(new.name) comes with two descriptions; the first one is exposed"
    }

    // MARK: Time

    private mutating func expireNowAndThen(_ moment: UInt64) {
        guard let expiration, moment - lastExpiry >= expiration / 4 else { return }
        expire(moment)
    }

    private mutating func expire(_ moment: UInt64) {
        guard let expiration else { return }
        lastExpiry = moment
        guard moment > expiration else { return }
        for (name, family) in families {
            count -= family.expire(before: moment - expiration)
            if family.points.isEmpty { families[name] = nil }
        }
    }

    // MARK: Reading

    /// Everything that is held now, by name. The families are copies that nobody writes to.
    mutating func snapshot(at moment: UInt64) -> [ExpositionFamily] {
        expire(moment)
        var all = families.values.map { ExpositionFamily($0.head, points: $0.points) }
        if let own = dropped.family(at: moment), families[own.family.name] == nil {
            all.append(own)
        }
        all.sort { $0.family.name < $1.family.name }
        return all
    }
}
