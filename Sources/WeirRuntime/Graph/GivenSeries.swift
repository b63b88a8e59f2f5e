import WeirTelemetry

/// The series that an exporter gave last, so that those that it gives no more are marked at once, as
/// Prometheus marks what a scrape has no more: by a point without a recorded value. Without that, the
/// figures of a server that died would stay as they were until a sink forgets them by itself.
///
/// It waits from one collection to the next as bytes: as objects, a thousand series are some ten
/// thousand allocations.
struct GivenSeries: Sendable {
    /// What tells a series from the others of its resource.
    struct Identity: Hashable {
        let metric: String
        let kind: RequestBuilder.MetricKind
        /// In the order of their keys.
        let attributes: [Attribute]
    }

    private(set) var resource: [Attribute] = []
    /// A request with a point without a value for each, at no time.
    fileprivate private(set) var request: [UInt8] = []

    init() {}

    /// Those of a collection.
    init(_ table: MetricsTable) {
        resource = table.resource
        write { request in
            for metric in table.declared {
                // A point without a value is the end of its series already.
                let points = metric.points.filter { !$0.isEmpty }
                guard !points.isEmpty else { continue }
                request.metric(
                    metric.name, unit: metric.unit, description: metric.description, metric.kind,
                    metadata: metric.metadata)
                for point in points { request.point(point.end, at: 0) }
            }
        }
    }

    var isEmpty: Bool { request.isEmpty }

    var identities: Set<Identity> {
        var all: Set<Identity> = []
        var request = RequestBuilder(.metrics)
        request.end(self, at: 0) { all.insert($0).inserted }
        return all
    }

    /// Those that are not among others, which came after them.
    func without(_ later: GivenSeries) -> GivenSeries {
        guard resource == later.resource else { return self }
        // Nearly always the same come again, in the same order.
        guard request != later.request else { return GivenSeries() }
        let others = later.identities
        var rest = self
        rest.write { $0.end(self, at: 0) { !others.contains($0) } }
        return rest
    }

    /// Adds those whose end nobody took, so that it is told again. Where the resource has become
    /// another, nobody can be told any more with one.
    mutating func keep(_ others: GivenSeries) {
        guard resource == others.resource || isEmpty else { return }
        resource = others.resource
        let mine = (series: self, identities: identities)
        write { request in
            request.end(mine.series, at: 0)
            request.end(others, at: 0) { !mine.identities.contains($0) }
        }
    }

    private mutating func write(_ body: (inout RequestBuilder) -> Void) {
        var builder = RequestBuilder(.metrics)
        body(&builder)
        // A copy of just its size: what was written has room to grow.
        request = Array(builder.finish()[...])
    }
}

extension RequestBuilder {
    /// Ends those of the series that `isMeant` holds for.
    mutating func end(
        _ series: GivenSeries, at now: UInt64,
        where isMeant: (GivenSeries.Identity) -> Bool = { _ in true }
    ) {
        let bytes = series.request
        var resources = unsafe RequestView(bytes.span.bytes).resources
        while let resource = resources.next() {
            var scopes = resource.scopes
            while let scope = scopes.next() {
                var metrics = scope.metrics
                while let metric = metrics.next() { end(metric, at: now, where: isMeant) }
            }
        }
    }

    private mutating func end(
        _ metric: borrowing MetricView, at now: UInt64,
        where isMeant: (GivenSeries.Identity) -> Bool
    ) {
        let (name, kind) = (metric.name.string, metric.kind)
        let ends = metric.ends.filter { end in
            isMeant(GivenSeries.Identity(metric: name, kind: kind, attributes: end.attributes))
        }
        guard !ends.isEmpty else { return }
        self.metric(
            name, unit: metric.unit.string, description: metric.description.string, kind,
            metadata: metric.metadataCopies)
        for end in ends { point(end, at: now) }
    }
}

extension MetricsTable.Point {
    fileprivate var isEmpty: Bool {
        if case .number(.none) = value { true } else { false }
    }

    fileprivate var end: SeriesEnd {
        let attributes = attributes.sorted { $0.key < $1.key }
        return switch value {
        case .number: SeriesEnd(.number, attributes)
        case .histogram(let bounds, _, _, _): SeriesEnd(.histogram(bounds), attributes)
        case .summary(let quantiles, _, _):
            SeriesEnd(.summary(quantiles.map(\.quantile)), attributes)
        }
    }
}
