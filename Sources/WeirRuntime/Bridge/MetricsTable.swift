import CWeir
import WeirTelemetry

/// weir/ext/metrics.h: what one collect() says, gathered by metric and written as OTLP at its end.
@safe final class MetricsTable {
    struct Declared: Sendable {
        let name: String
        let unit: String
        let description: String
        let kind: RequestBuilder.MetricKind
        let type: UInt32
        let metadata: [Attribute]
        var points: [Point] = []
        /// Where the points are, by a hash of their attributes in any order.
        fileprivate var places: [Int: [Int]] = [:]
    }

    struct Point: Sendable {
        let value: Value
        let attributes: [Attribute]
        let started: UInt64
    }

    enum Value: Sendable {
        case number(NumberValue)
        case histogram(bounds: [Double], buckets: [UInt64], count: UInt64, sum: Double)
        case summary(quantiles: [(quantile: Double, value: Double)], count: UInt64, sum: Double)
    }

    /// What the plugin gets.
    let pointer: UnsafeMutablePointer<weir_metrics>
    /// What every point gets that has no attribute of that name.
    private let labels: [Attribute]
    private(set) var resource: [Attribute] = []
    private(set) var declared: [Declared] = []
    private var byName: [String: Int] = [:]
    private var started: UInt64 = 0
    /// Points that were not taken, by reason.
    private(set) var rejected: [String: Int] = [:]

    init(labels: [Attribute] = []) {
        self.labels = labels
        unsafe pointer = .allocate(capacity: 1)
        unsafe pointer.initialize(
            to: weir_metrics(
                size: UInt32(MemoryLayout<weir_metrics>.size), reserved: 0, context: nil,
                resource: { metrics, attributes, count in
                    let table = unsafe MetricsTable.from(metrics)
                    unsafe table.resource = MetricsTable.read(attributes, count) ?? table.resource
                },
                metric: { unsafe MetricsTable.from($0).declare($1!.copied) },
                integer: { metrics, metric, value, attributes, count in
                    unsafe MetricsTable.from(metrics).add(
                        metric, .number(.int(value)), attributes, count)
                },
                number: { metrics, metric, value, attributes, count in
                    unsafe MetricsTable.from(metrics).add(
                        metric, .number(.double(value)), attributes, count)
                },
                histogram: { metrics, metric, histogram, attributes, count in
                    let histogram = unsafe histogram!.copied
                    let bounds = unsafe Int(histogram.bound_count)
                    unsafe MetricsTable.from(metrics).add(
                        metric,
                        .histogram(
                            bounds: Array(
                                UnsafeBufferPointer(start: histogram.bounds, count: bounds)),
                            buckets: Array(
                                UnsafeBufferPointer(start: histogram.buckets, count: bounds + 1)),
                            count: histogram.count, sum: histogram.sum), attributes, count)
                },
                started: { unsafe MetricsTable.from($0).started = $1 },
                summary: { metrics, metric, summary, attributes, count in
                    let summary = unsafe summary!.copied
                    let quantiles = (0..<Int(unsafe summary.quantile_count)).map {
                        unsafe (quantile: summary.quantiles![$0], value: summary.values![$0])
                    }
                    unsafe MetricsTable.from(metrics).add(
                        metric,
                        .summary(quantiles: quantiles, count: summary.count, sum: summary.sum),
                        attributes, count)
                }))
        unsafe pointer.pointee.context = Unmanaged.passUnretained(self).toOpaque()
    }

    deinit { unsafe pointer.deallocate() }

    private static func from(_ pointer: UnsafeMutablePointer<weir_metrics>?) -> MetricsTable {
        unsafe Unmanaged<MetricsTable>.fromOpaque(pointer!.pointee.context).takeUnretainedValue()
    }

    private func declare(_ info: weir_metric_info) -> UInt32 {
        guard let name = unsafe info.name.validText, !name.isEmpty else { return UInt32.max }
        if let known = byName[name] { return UInt32(known) }
        let kind: RequestBuilder.MetricKind
        switch unsafe Int(info.type) {
        case WEIR_COUNTER: kind = .sum(.cumulative, isMonotonic: true)
        case WEIR_UP_DOWN_COUNTER: kind = .sum(.cumulative, isMonotonic: false)
        case WEIR_HISTOGRAM: kind = .histogram(.cumulative)
        case WEIR_SUMMARY: kind = .summary
        default: kind = .gauge
        }
        byName[name] = declared.count
        declared.append(
            Declared(
                name: name, unit: unsafe info.unit.string,
                description: unsafe info.description.string, kind: kind,
                type: unsafe info.type, metadata: unsafe info.provenance))
        return UInt32(declared.count - 1)
    }

    private func add(
        _ metric: UInt32, _ value: Value, _ attributes: UnsafePointer<weir_attribute>?, _ count: Int
    ) {
        guard metric < UInt32(declared.count) else { return reject("metric_without_name") }
        guard var attributes = unsafe MetricsTable.read(attributes, count) else {
            return reject("bad_attribute")
        }
        for label in labels where !attributes.contains(where: { $0.key == label.key }) {
            attributes.append(label)
        }
        switch (value, declared[Int(metric)].kind) {
        case (.histogram(let bounds, _, _, _), .histogram):
            guard zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }) else {
                return reject("bounds_do_not_rise")
            }
        case (.summary(let quantiles, _, _), .summary):
            guard zip(quantiles, quantiles.dropFirst()).allSatisfy({ $0.quantile < $1.quantile })
            else { return reject("quantiles_do_not_rise") }
        case (.number, .gauge), (.number, .sum): break
        default: return reject("wrong_kind_of_point")
        }
        let point = Point(value: value, attributes: attributes, started: started)
        guard declared[Int(metric)].add(point) else { return reject("duplicate_point") }
    }

    private func reject(_ reason: String) { rejected[reason, default: 0] += 1 }

    /// The attributes, unless a key is empty or a text is not UTF-8.
    private static func read(
        _ list: UnsafePointer<weir_attribute>?, _ count: Int
    ) -> [Attribute]? {
        var attributes: [Attribute] = []
        for index in 0..<count {
            let entry = unsafe list![index]
            guard let key = unsafe entry.key.validText, !key.isEmpty else { return nil }
            switch unsafe Int(entry.type) {
            case WEIR_VALUE_BOOL:
                attributes.append(Attribute(key, .bool(unsafe entry.value.boolean)))
            case WEIR_VALUE_INT: attributes.append(Attribute(key, .int(unsafe entry.value.integer)))
            case WEIR_VALUE_DOUBLE:
                attributes.append(Attribute(key, .double(unsafe entry.value.number)))
            case WEIR_VALUE_STRING:
                guard let text = unsafe entry.value.string.validText else { return nil }
                attributes.append(Attribute(key, .string(text)))
            default: return nil
            }
            guard !attributes.dropLast().contains(where: { $0.key == key }) else { return nil }
        }
        return attributes
    }

    /// The request, and how many points it holds.
    ///
    /// - Parameter gone: Series that have ended.
    func finish(
        scope: String, atUnixNano now: UInt64, gone: GivenSeries = GivenSeries()
    ) -> (bytes: [UInt8], items: Int) {
        var builder = RequestBuilder(.metrics)
        builder.resource(resource)
        builder.scope(name: scope)
        for metric in declared where !metric.points.isEmpty {
            builder.metric(
                metric.name, unit: metric.unit, description: metric.description, metric.kind,
                metadata: metric.metadata)
            let isGauge = metric.kind == .gauge
            for point in metric.points {
                switch point.value {
                case .number(let value):
                    builder.point(
                        value, at: now, since: isGauge ? 0 : point.started,
                        attributes: point.attributes)
                case .histogram(let bounds, let buckets, let count, let sum):
                    builder.histogramPoint(
                        count: count, sum: sum, bounds: bounds, bucketCounts: buckets, at: now,
                        since: point.started, attributes: point.attributes)
                case .summary(let quantiles, let count, let sum):
                    builder.summaryPoint(
                        count: count, sum: sum, quantiles: quantiles, at: now,
                        since: point.started, attributes: point.attributes)
                }
            }
        }
        if !gone.isEmpty {
            if gone.resource != resource {
                builder.resource(gone.resource)
                builder.scope(name: scope)
            }
            builder.end(gone, at: now)
        }
        let items = builder.items
        return (builder.finish(), items)
    }
}

extension MetricsTable.Declared {
    /// False: there is a point with these attributes.
    fileprivate mutating func add(_ point: MetricsTable.Point) -> Bool {
        // The sum does not depend on the order.
        let hash = point.attributes.reduce(0) { $0 &+ $1.hashValue }
        let others = places[hash] ?? []
        if !others.isEmpty {
            let sorted = point.attributes.sorted { $0.key < $1.key }
            for other in others
            where points[other].attributes.sorted(by: { $0.key < $1.key }) == sorted {
                return false
            }
        }
        places[hash, default: []].append(points.count)
        points.append(point)
        return true
    }
}

extension weir_metric_info {
    /// What keeps a name of Prometheus' own as it stands; docs/adr/0006 says who reads it.
    fileprivate var provenance: [Attribute] {
        guard unsafe flags & UInt32(WEIR_METRIC_PROMETHEUS) != 0 else { return [] }
        let type =
            switch unsafe Int(type) {
            case WEIR_COUNTER: "counter"
            case WEIR_HISTOGRAM: "histogram"
            case WEIR_SUMMARY: "summary"
            case WEIR_UNKNOWN: "unknown"
            default: "gauge"
            }
        return [Attribute("prometheus.type", .string(type))]
    }
}

extension weir_slice {
    /// A copy as text; `nil` if it is not UTF-8.
    var validText: String? {
        guard let data = unsafe data else { return "" }
        return unsafe String(
            validating: UnsafeBufferPointer(start: data, count: length), as: UTF8.self)
    }
}
