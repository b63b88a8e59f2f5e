import WeirTelemetry

/// What a series is within its family.
enum SeriesRole: UInt8 {
    /// A series of its own.
    case plain
    /// Of a histogram.
    case bucket
    /// Of a histogram or summary.
    case count
    case sum
    /// Of a summary.
    case quantile
}

/// What the name of a series says, together with what is known of its family.
struct SeriesMeaning {
    var role = SeriesRole.plain
    var type = MetricType.unknown
    /// How much of the name is the family's.
    var baseLength: Int
    var help = ""
    var unit = ""
}

/// Finds out which series belong together, from metadata where there is some, otherwise from the
/// names: `_bucket` with `le`, then `_sum` and `_count` beside it, `quantile`, `_total`.
struct SeriesRoles {
    private var meanings: [SeriesMeaning] = []
    private var known = KeyTable()
    /// Names before `_bucket` of series with `le`, and names of series with `quantile`.
    private var histograms = KeyTable()
    private var summaries = KeyTable()
    private let families: FamilyMemory
    private var key: [UInt8] = []

    init(_ list: SeriesList, _ bytes: RawSpan, families: FamilyMemory) {
        self.families = families
        for entry in list.entries {
            let name = bytes.extracting(entry.name)
            if entry.bound != nil, let base = name.without("_bucket") {
                _ = histograms.insert(name.extracting(first: base).array)
            } else if entry.quantile != nil {
                _ = summaries.insert(name.array)
            }
        }
    }

    mutating func meaning(of entry: SeriesList.Entry, _ bytes: RawSpan) -> SeriesMeaning {
        let name = bytes.extracting(entry.name)
        key.removeAll(keepingCapacity: true)
        key.append(contentsOf: name)
        key.append(entry.bound == nil ? 0 : 1)
        key.append(entry.quantile == nil ? 0 : 1)
        key.append(entry.metadata.map { $0.type?.wireValue ?? 0 }.map(UInt8.init) ?? 0xff)
        let (index, isNew) = known.insert(key)
        if isNew { meanings.append(decide(entry, name, bytes)) }
        return meanings[index]
    }

    private func decide(
        _ entry: SeriesList.Entry, _ name: RawSpan, _ bytes: RawSpan
    ) -> SeriesMeaning {
        guard let metadata = entry.metadata else { return guess(entry, name) }
        var meaning: SeriesMeaning
        switch metadata.type ?? .unknown {
        case .histogram: meaning = part(of: .histogram, entry, name)
        case .gaugeHistogram: meaning = part(of: .gaugeHistogram, entry, name)
        case .summary: meaning = part(of: .summary, entry, name)
        case .unknown: meaning = guess(entry, name)
        case let type: meaning = SeriesMeaning(type: type, baseLength: name.byteCount)
        }
        meaning.help = UTF8Text(bytes.extracting(metadata.help)).string
        meaning.unit = UTF8Text(bytes.extracting(metadata.unit)).string
        return meaning
    }

    /// A series of a family whose type is known.
    private func part(
        of type: MetricType, _ entry: SeriesList.Entry, _ name: RawSpan
    ) -> SeriesMeaning {
        let isSummary = type == .summary
        var meaning = SeriesMeaning(type: type, baseLength: name.byteCount)
        if !isSummary, entry.bound != nil, let base = name.without("_bucket") {
            (meaning.role, meaning.baseLength) = (.bucket, base)
        } else if isSummary, entry.quantile != nil {
            meaning.role = .quantile
        } else if let base = name.without(type == .gaugeHistogram ? "_gcount" : "_count") {
            (meaning.role, meaning.baseLength) = (.count, base)
        } else if let base = name.without(type == .gaugeHistogram ? "_gsum" : "_sum") {
            (meaning.role, meaning.baseLength) = (.sum, base)
        }
        return meaning
    }

    private func guess(_ entry: SeriesList.Entry, _ name: RawSpan) -> SeriesMeaning {
        for suffix in ["_bucket", "_count", "_sum", "_gcount", "_gsum"] as [StaticString] {
            guard let base = name.without(suffix) else { continue }
            let baseName = name.extracting(first: base)
            let family = families.family(UTF8Text(baseName).string)
            guard let type = family?.type ?? composite(baseName.array),
                type == .histogram || type == .gaugeHistogram || type == .summary
            else { break }
            var meaning = part(of: type, entry, name)
            guard meaning.role != .plain else { break }
            (meaning.help, meaning.unit) = (family?.help ?? "", family?.unit ?? "")
            return meaning
        }
        if let family = families.family(UTF8Text(name).string) {
            var meaning = part(of: family.type, entry, name)
            if meaning.role != .quantile {
                meaning = SeriesMeaning(type: family.type, baseLength: name.byteCount)
            }
            (meaning.help, meaning.unit) = (family.help, family.unit)
            return meaning
        }
        if entry.quantile != nil {
            return SeriesMeaning(role: .quantile, type: .summary, baseLength: name.byteCount)
        }
        return guessSingle(name)
    }

    /// Counters and infos, whose families OpenMetrics names without the suffix.
    private func guessSingle(_ name: RawSpan) -> SeriesMeaning {
        var meaning = SeriesMeaning(baseLength: name.byteCount)
        for (suffix, type) in [("_total", .counter), ("_info", .info)]
            as [(StaticString, MetricType)]
        {
            guard let base = name.without(suffix) else { continue }
            let family = families.family(UTF8Text(name.extracting(first: base)).string)
            if family?.type == type || family == nil && type == .counter { meaning.type = type }
            if family?.type == type {
                (meaning.help, meaning.unit) = (family?.help ?? "", family?.unit ?? "")
            }
        }
        return meaning
    }

    /// What the other series of this request say that a name is.
    private func composite(_ base: [UInt8]) -> MetricType? {
        if histograms.contains(base) { return .histogram }
        return summaries.contains(base) ? .summary : nil
    }
}

extension RawSpan {
    /// The length without a suffix; `nil` if it does not have it, or is nothing else.
    func without(_ suffix: StaticString) -> Int? {
        let length = byteCount - suffix.utf8CodeUnitCount
        guard length > 0, extracting(last: suffix.utf8CodeUnitCount).isText(suffix) else {
            return nil
        }
        return length
    }
}
