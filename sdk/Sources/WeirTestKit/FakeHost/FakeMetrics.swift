import CWeir
public import WeirSDK

/// What an exporter wrote in one collect().
public struct CollectedMetrics: Sendable {
    public enum Kind: UInt32, Sendable {
        case gauge = 1
        case counter = 2
        case upDownCounter = 3
        case histogram = 4
        case summary = 5
        case unknown = 6
    }

    public enum Value: Sendable, Equatable {
        case integer(Int64)
        case number(Double)
        case histogram(bounds: [Double], buckets: [UInt64], count: UInt64, sum: Double)
        case summary(quantiles: [Double], values: [Double], count: UInt64, sum: Double)
    }

    public struct Point: Sendable, Equatable {
        public var name: String
        public var kind: Kind
        public var unit: String
        public var help: String
        /// The name is Prometheus' own.
        public var isPrometheus: Bool
        public var value: Value
        public var attributes: Attributes
        public var started: UInt64
    }

    public var resource = Attributes()
    public var points: [Point] = []

    /// The points of one metric.
    public func named(_ name: String) -> [Point] { points.filter { $0.name == name } }

    /// The value of the one point of a metric that has these attributes, whichever others it has;
    /// `nil` if none has them, or several have, or it is not one number.
    public func value(_ name: String, _ attributes: [String: String] = [:]) -> Double? {
        let found = named(name).filter { point in
            attributes.allSatisfy { attribute in
                point.attributes.contains {
                    $0.key == attribute.key && $0.value == .string(attribute.value)
                }
            }
        }
        guard found.count == 1 else { return nil }
        switch found[0].value {
        case .number(let number): return number
        case .integer(let number): return Double(number)
        default: return nil
        }
    }

    /// Names and attributes that come twice.
    public var duplicates: [String] {
        Dictionary(grouping: points) { "\($0.name) \($0.attributes)" }
            .filter { $0.value.count > 1 }.keys.sorted()
    }
}

/// The metric builder of a fake host.
@safe final class FakeMetrics {
    let raw: UnsafeMutablePointer<weir_metrics>
    private(set) var collected = CollectedMetrics()
    private struct Declared {
        let name: String
        let kind: CollectedMetrics.Kind
        let unit: String
        let help: String
        let isPrometheus: Bool
    }
    private var declared: [Declared] = []
    private var started: UInt64 = 0

    init() {
        unsafe raw = .allocate(capacity: 1)
        unsafe raw.initialize(
            to: weir_metrics(
                size: UInt32(MemoryLayout<weir_metrics>.size), reserved: 0, context: nil,
                resource: { metrics, attributes, count in
                    unsafe FakeMetrics.of(metrics).collected.resource = unsafe FakeMetrics.read(
                        attributes, count)
                },
                metric: { unsafe FakeMetrics.of($0).declare($1!.pointee) },
                integer: { metrics, metric, value, attributes, count in
                    unsafe FakeMetrics.of(metrics).add(
                        metric, .integer(value), FakeMetrics.read(attributes, count))
                },
                number: { metrics, metric, value, attributes, count in
                    unsafe FakeMetrics.of(metrics).add(
                        metric, .number(value), FakeMetrics.read(attributes, count))
                },
                histogram: { metrics, metric, histogram, attributes, count in
                    let histogram = unsafe histogram!.pointee
                    let size = unsafe Int(histogram.bound_count)
                    let value = unsafe CollectedMetrics.Value.histogram(
                        bounds: Array(UnsafeBufferPointer(start: histogram.bounds, count: size)),
                        buckets: Array(
                            UnsafeBufferPointer(start: histogram.buckets, count: size + 1)),
                        count: histogram.count, sum: histogram.sum)
                    unsafe FakeMetrics.of(metrics).add(
                        metric, value, FakeMetrics.read(attributes, count))
                },
                started: { unsafe FakeMetrics.of($0).started = $1 },
                summary: { metrics, metric, summary, attributes, count in
                    let summary = unsafe summary!.pointee
                    let size = unsafe Int(summary.quantile_count)
                    let value = unsafe CollectedMetrics.Value.summary(
                        quantiles: Array(
                            UnsafeBufferPointer(start: summary.quantiles, count: size)),
                        values: Array(UnsafeBufferPointer(start: summary.values, count: size)),
                        count: summary.count, sum: summary.sum)
                    unsafe FakeMetrics.of(metrics).add(
                        metric, value, FakeMetrics.read(attributes, count))
                }))
        unsafe raw.pointee.context = Unmanaged.passUnretained(self).toOpaque()
    }

    deinit { unsafe raw.deallocate() }

    private static func of(_ raw: UnsafeMutablePointer<weir_metrics>?) -> FakeMetrics {
        unsafe Unmanaged<FakeMetrics>.fromOpaque(raw!.pointee.context).takeUnretainedValue()
    }

    private func declare(_ info: weir_metric_info) -> UInt32 {
        let name = unsafe info.name.string
        if let known = declared.firstIndex(where: { $0.name == name }) { return UInt32(known) }
        let kind = unsafe CollectedMetrics.Kind(rawValue: info.type) ?? .gauge
        unsafe declared.append(
            Declared(
                name: name, kind: kind, unit: info.unit.string, help: info.description.string,
                isPrometheus: info.flags & UInt32(WEIR_METRIC_PROMETHEUS) != 0))
        return UInt32(declared.count - 1)
    }

    private func add(
        _ metric: UInt32, _ value: CollectedMetrics.Value, _ attributes: Attributes
    ) {
        let info = declared[Int(metric)]
        collected.points.append(
            CollectedMetrics.Point(
                name: info.name, kind: info.kind, unit: info.unit, help: info.help,
                isPrometheus: info.isPrometheus, value: value, attributes: attributes,
                started: started))
    }

    private static func read(_ raw: UnsafePointer<weir_attribute>?, _ count: Int) -> Attributes {
        var attributes = Attributes()
        for index in 0..<count {
            let attribute = unsafe raw![index]
            let value: Attributes.Value =
                switch unsafe Int(attribute.type) {
                case WEIR_VALUE_BOOL: unsafe .bool(attribute.value.boolean)
                case WEIR_VALUE_INT: unsafe .int(attribute.value.integer)
                case WEIR_VALUE_DOUBLE: unsafe .double(attribute.value.number)
                default: unsafe .string(attribute.value.string.string)
                }
            unsafe attributes.append(attribute.key.string, value)
        }
        return attributes
    }
}
