import WeirPrometheus
import WeirTelemetry

/// A point of a request, as the views give it, with all that it belongs to.
struct ReadPoint: Hashable, CustomStringConvertible {
    var resource: [String] = []
    var name = ""
    var type = ""
    var help = ""
    var unit = ""
    var kind = ""
    /// `prometheus.created`
    var hasCreated = false
    var attributes: [String] = []
    /// What the point says, as text: numbers with all their digits.
    var data = ""
    var start: UInt64 = 0
    var time: UInt64 = 0
    var exemplars: [String] = []

    /// `name{attributes} data`, and what is not as usual.
    var description: String {
        "\(name){\(attributes.joined(separator: ","))} \(kind) \(data)"
            + (exemplars.isEmpty ? "" : " \(exemplars)")
    }
}

/// Every point of a request, in its order. Traps on a malformed one: the scan has to accept it.
func readPoints(_ request: [UInt8]) -> [ReadPoint] {
    let summary = try! scan(request, as: .metrics)
    precondition(!summary.hasInvalidRecords && !summary.hasUnknownFields)
    var points: [ReadPoint] = []
    let bytes = unsafe request.span.bytes
    var groups = RequestView(bytes).resources
    while let group = groups.next() {
        var base = ReadPoint()
        base.resource = texts(group.resource.attributes)
        var scopes = group.scopes
        while let scope = scopes.next() {
            precondition(scope.scope.name == "weir/prometheus")
            var metrics = scope.metrics
            while let metric = metrics.next() { read(metric, base, &points) }
        }
    }
    precondition(points.count == summary.items)
    return points
}

private func read(_ metric: MetricView, _ base: ReadPoint, _ points: inout [ReadPoint]) {
    var base = base
    base.name = metric.name.string
    base.help = metric.description.string
    base.unit = metric.unit.string
    var metadata = metric.metadata
    while let pair = metadata.next() {
        if pair.key == "prometheus.type", case .string(let text) = pair.value.content {
            base.type = text.string
        }
        if pair.key == "prometheus.created" { base.hasCreated = true }
    }
    switch metric.data {
    case .none: base.kind = "none"
    case .gauge(var list):
        base.kind = "gauge"
        while let point = list.next() { points.append(base.with(point)) }
    case .sum(var list):
        base.kind = metric.isMonotonic ? "counter" : "state"
        precondition(metric.aggregationTemporality == .cumulative)
        while let point = list.next() { points.append(base.with(point)) }
    case .histogram(var list):
        base.kind = "histogram"
        precondition(metric.aggregationTemporality == .cumulative)
        while let point = list.next() { points.append(base.with(point)) }
    case .exponentialHistogram(var list):
        base.kind = "exponential"
        while let point = list.next() { points.append(base.with(point)) }
    case .summary(var list):
        base.kind = "summary"
        while let point = list.next() { points.append(base.with(point)) }
    }
}

func texts(_ attributes: Repeated<KeyValueView>) -> [String] {
    var attributes = attributes
    var texts: [String] = []
    while let attribute = attributes.next() {
        guard case .string(let text) = attribute.value.content else { preconditionFailure() }
        texts.append("\(attribute.key.string)=\(text.string)")
    }
    return texts.sorted()
}

extension ReadPoint {
    func with(_ point: NumberDataPointView) -> ReadPoint {
        var copy = common(point.attributes, point.startTimeUnixNano, point.timeUnixNano)
        switch point.value {
        case .none: copy.data = point.flags & 1 == 1 ? "stale" : "nothing"
        case .int(let value): copy.data = "int \(value)"
        case .double(let value): copy.data = "\(value)"
        }
        copy.exemplars = texts(of: point.exemplars)
        return copy
    }

    func with(_ point: HistogramDataPointView) -> ReadPoint {
        var copy = common(point.attributes, point.startTimeUnixNano, point.timeUnixNano)
        var counts: [UInt64] = []
        var list = point.bucketCounts
        while let count = list.next() { counts.append(count) }
        var bounds: [Double] = []
        var boundList = point.explicitBounds
        while let bound = boundList.nextDouble() { bounds.append(bound) }
        copy.data =
            "\(point.flags & 1 == 1 ? "stale " : "")\(point.count) "
            + "\(point.sum.map { "\($0)" } ?? "-") \(bounds) \(counts)"
        copy.exemplars = texts(of: point.exemplars)
        return copy
    }

    func with(_ point: ExponentialHistogramDataPointView) -> ReadPoint {
        var copy = common(point.attributes, point.startTimeUnixNano, point.timeUnixNano)
        func text(_ buckets: BucketsView) -> String {
            var counts: [UInt64] = []
            var list = buckets.bucketCounts
            while let count = list.next() { counts.append(count) }
            return "\(buckets.offset)\(counts)"
        }
        copy.data =
            "\(point.flags & 1 == 1 ? "stale " : "")\(point.count) "
            + "\(point.sum.map { "\($0)" } ?? "-") scale \(point.scale) "
            + "zero \(point.zeroCount) \(point.zeroThreshold) "
            + "+\(text(point.positive)) -\(text(point.negative))"
        copy.exemplars = texts(of: point.exemplars)
        return copy
    }

    func with(_ point: SummaryDataPointView) -> ReadPoint {
        var copy = common(point.attributes, point.startTimeUnixNano, point.timeUnixNano)
        var quantiles: [String] = []
        var list = point.quantiles
        while let pair = list.next() { quantiles.append("\(pair.quantile)=\(pair.value)") }
        copy.data =
            "\(point.flags & 1 == 1 ? "stale " : "")\(point.count) \(point.sum) \(quantiles)"
        return copy
    }

    private func common(
        _ attributes: Repeated<KeyValueView>, _ start: UInt64, _ time: UInt64
    ) -> ReadPoint {
        var copy = self
        copy.attributes = WeirPrometheusTests.texts(attributes)
        copy.start = start
        copy.time = time
        return copy
    }

    private func texts(of exemplars: Repeated<ExemplarView>) -> [String] {
        var exemplars = exemplars
        var texts: [String] = []
        while let exemplar = exemplars.next() {
            guard case .double(let value) = exemplar.value else { preconditionFailure() }
            let ids = [exemplar.traceID.hex, exemplar.spanID.hex].filter { !$0.isEmpty }
            texts.append(
                "\(value)@\(exemplar.timeUnixNano) \(ids) "
                    + "\(WeirPrometheusTests.texts(exemplar.filteredAttributes))")
        }
        return texts
    }
}

/// A second after 1970, and so on.
let second: UInt64 = 1_000_000_000

extension ScrapeAssembler {
    /// One that gives all series the job `j` and the instance `i`.
    convenience init(_ set: (inout AssemblyOptions) -> Void = { _ in }) {
        var options = AssemblyOptions()
        set(&options)
        self.init(options: options) { labels in
            var labels = labels
            labels["job"] = "j"
            labels["instance"] = "i"
            return labels
        }
    }

    func read(
        _ text: String, openMetrics: Bool = false, at time: UInt64 = 100 * second
    ) throws(ExpositionError) -> Scrape {
        try unsafe read(
            Array(text.utf8).span.bytes,
            contentType: openMetrics
                ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                : "text/plain; version=0.0.4", at: time)
    }

    /// The points, each as `name{attributes} kind data`.
    func points(
        _ text: String, openMetrics: Bool = false, at time: UInt64 = 100 * second
    ) throws(ExpositionError) -> [String] {
        readPoints(try read(text, openMetrics: openMetrics, at: time).request).map(\.description)
    }
}
