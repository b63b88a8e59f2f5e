import WeirTelemetry

/// The series of a request, sorted into resources and metrics in the order in which each first came.
struct ReceivedMetrics {
    enum Kind: UInt8 {
        case single
        /// A histogram or summary to be put together.
        case classic
        case native
        /// Native with bounds of its own.
        case custom
    }

    struct Metric {
        var kind: Kind
        var name: Range<Int>
        var meaning: SeriesMeaning
        var entries: [Int] = []
        var roles: [SeriesRole] = []
    }

    struct Resource {
        var job: Range<Int>
        var instance: Range<Int>
        var metrics: [Int] = []
    }

    private(set) var resources: [Resource] = []
    private(set) var metrics: [Metric] = []
    private var resourceKeys = KeyTable()
    private var metricKeys = KeyTable()
    private var key: [UInt8] = []

    init(_ list: SeriesList, _ bytes: RawSpan, families: FamilyMemory) {
        var roles = SeriesRoles(list, bytes, families: families)
        for index in list.entries.indices {
            let entry = list.entries[index]
            let meaning = roles.meaning(of: entry, bytes)
            let resource = resource(of: entry, bytes)
            let histograms = list.histograms[entry.histograms]
            if !entry.samples.isEmpty || histograms.isEmpty {
                var base = entry.name
                var kind = Kind.single
                if meaning.role != .plain, isPart(entry, meaning.role, bytes) {
                    base = base.lowerBound..<base.lowerBound + meaning.baseLength
                    kind = .classic
                }
                add(index, kind, base, meaning, resource, bytes)
            }
            let isCustom = histograms.contains { $0.schema == NativeHistogram.customSchema }
            let isNative = histograms.contains { $0.schema != NativeHistogram.customSchema }
            if isNative { add(index, .native, entry.name, meaning, resource, bytes) }
            if isCustom { add(index, .custom, entry.name, meaning, resource, bytes) }
        }
    }

    /// Whether a bucket's or quantile's label is a number.
    private func isPart(
        _ entry: SeriesList.Entry, _ role: SeriesRole, _ bytes: RawSpan
    ) -> Bool {
        switch role {
        case .bucket: entry.bound.map { boundValue(bytes.extracting($0)) != nil } ?? false
        case .quantile: entry.quantile.map { boundValue(bytes.extracting($0)) != nil } ?? false
        default: true
        }
    }

    private mutating func resource(of entry: SeriesList.Entry, _ bytes: RawSpan) -> Int {
        key.removeAll(keepingCapacity: true)
        key.append(contentsOf: bytes.extracting(entry.job))
        key.append(0xff)
        key.append(contentsOf: bytes.extracting(entry.instance))
        let (index, isNew) = resourceKeys.insert(key)
        if isNew { resources.append(Resource(job: entry.job, instance: entry.instance)) }
        return index
    }

    private mutating func add(
        _ entry: Int, _ kind: Kind, _ name: Range<Int>, _ meaning: SeriesMeaning, _ resource: Int,
        _ bytes: RawSpan
    ) {
        key.removeAll(keepingCapacity: true)
        key.append(contentsOf: bytes.extracting(name))
        key.append(kind.rawValue)
        key.append(UInt8(meaning.type.wireValue))
        key.appendVarint(UInt64(resource))
        let (index, isNew) = metricKeys.insert(key)
        if isNew {
            metrics.append(Metric(kind: kind, name: name, meaning: meaning))
            resources[resource].metrics.append(index)
        }
        metrics[index].entries.append(entry)
        metrics[index].roles.append(meaning.role)
    }
}
