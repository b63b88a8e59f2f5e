import CWeir

/// What an exporter writes its readings into; the host makes OTLP of them.
///
/// Units are UCUM (`s`, `By`, `1`). A point with an empty name, text that is not UTF-8, or bounds
/// that do not rise is dropped, counted and logged as the plugin's fault.
@safe public struct Metrics: ~Copyable {
    /// Names and attributes of the metrics that are declared from here on are Prometheus' own
    /// (`pg_up`, `datname`): they reach Prometheus as they stand, without the suffixes that OTLP's
    /// names get there. For exporters whose names dashboards and alerts know.
    public var usesPrometheusNames = false

    private let raw: UnsafeMutablePointer<weir_metrics>

    init(_ raw: UnsafeMutablePointer<weir_metrics>) {
        unsafe self.raw = raw
    }

    /// Attributes of the resource that all points are about.
    public mutating func resource(_ attributes: Attributes) {
        unsafe attributes.withRaw { unsafe raw.pointee.resource(raw, $0.baseAddress, $0.count) }
    }

    /// When the counters began, for those that are given after it; 0: unknown.
    public mutating func started(unixNanoseconds: UInt64) {
        unsafe raw.pointee.started(raw, unixNanoseconds)
    }

    /// A value that goes up and down and is not summed: a temperature, a ratio.
    public mutating func gauge<V: MetricNumber>(
        _ name: String, unit: String = "", help: String = "", _ value: V,
        _ attributes: Attributes = [:]
    ) {
        point(WEIR_GAUGE, name, unit, help, value.metricValue, attributes)
    }

    /// A total that only rises.
    public mutating func counter<V: MetricNumber>(
        _ name: String, unit: String = "", help: String = "", _ value: V,
        _ attributes: Attributes = [:]
    ) {
        point(WEIR_COUNTER, name, unit, help, value.metricValue, attributes)
    }

    /// A total that rises and falls and makes sense as a sum: connections, bytes in use.
    public mutating func upDownCounter<V: MetricNumber>(
        _ name: String, unit: String = "", help: String = "", _ value: V,
        _ attributes: Attributes = [:]
    ) {
        point(WEIR_UP_DOWN_COUNTER, name, unit, help, value.metricValue, attributes)
    }

    /// A distribution: `bounds` are upper bounds that rise, without infinity; `buckets` has one
    /// more than `bounds`, each the count of its bucket alone.
    public mutating func histogram(
        _ name: String, unit: String = "", help: String = "", bounds: [Double], buckets: [UInt64],
        count: UInt64, sum: Double, _ attributes: Attributes = [:]
    ) {
        precondition(buckets.count == bounds.count + 1, "one bucket more than bounds")
        let metric = declare(WEIR_HISTOGRAM, name, unit, help)
        unsafe bounds.withUnsafeBufferPointer { bounds in
            unsafe buckets.withUnsafeBufferPointer { buckets in
                var histogram = unsafe weir_histogram(
                    size: UInt32(MemoryLayout<weir_histogram>.size),
                    bound_count: UInt32(bounds.count), bounds: bounds.baseAddress,
                    buckets: buckets.baseAddress, count: count, sum: sum)
                unsafe attributes.withRaw {
                    unsafe raw.pointee.histogram(
                        raw, metric, &histogram, $0.baseAddress, $0.count)
                }
            }
        }
    }

    /// A distribution as quantiles that somebody else worked out. `quantiles` rise from 0 to 1.
    public mutating func summary(
        _ name: String, unit: String = "", help: String = "",
        quantiles: [(quantile: Double, value: Double)], count: UInt64, sum: Double,
        _ attributes: Attributes = [:]
    ) {
        let metric = declare(WEIR_SUMMARY, name, unit, help)
        let (ranks, values) = (quantiles.map(\.quantile), quantiles.map(\.value))
        unsafe ranks.withUnsafeBufferPointer { ranks in
            unsafe values.withUnsafeBufferPointer { values in
                var summary = unsafe weir_summary(
                    size: UInt32(MemoryLayout<weir_summary>.size),
                    quantile_count: UInt32(ranks.count), quantiles: ranks.baseAddress,
                    values: values.baseAddress, count: count, sum: sum)
                unsafe attributes.withRaw {
                    // A host of before summaries has no place for them.
                    guard unsafe Int(raw.pointee.size) >= MemoryLayout<weir_metrics>.size else {
                        return
                    }
                    unsafe raw.pointee.summary(raw, metric, &summary, $0.baseAddress, $0.count)
                }
            }
        }
    }

    /// A number of which its source says no more.
    public mutating func unknown<V: MetricNumber>(
        _ name: String, unit: String = "", help: String = "", _ value: V,
        _ attributes: Attributes = [:]
    ) {
        point(WEIR_UNKNOWN, name, unit, help, value.metricValue, attributes)
    }

    private func point(
        _ type: Int, _ name: String, _ unit: String, _ help: String, _ value: MetricValue,
        _ attributes: Attributes
    ) {
        let metric = declare(type, name, unit, help)
        unsafe attributes.withRaw {
            switch value {
            case .integer(let number):
                unsafe raw.pointee.integer(raw, metric, number, $0.baseAddress, $0.count)
            case .number(let number):
                unsafe raw.pointee.number(raw, metric, number, $0.baseAddress, $0.count)
            }
        }
    }

    private func declare(_ type: Int, _ name: String, _ unit: String, _ help: String) -> UInt32 {
        unsafe withSlice(name) { name in
            unsafe withSlice(unit) { unit in
                unsafe withSlice(help) { help in
                    var info = unsafe weir_metric_info(
                        size: UInt32(MemoryLayout<weir_metric_info>.size), type: UInt32(type),
                        name: name, unit: unit, description: help,
                        flags: usesPrometheusNames ? UInt32(WEIR_METRIC_PROMETHEUS) : 0,
                        reserved: 0)
                    return unsafe raw.pointee.metric(raw, &info)
                }
            }
        }
    }
}

/// A number that a point can have: integers stay integers, all else is a double.
public protocol MetricNumber {
    var metricValue: MetricValue { get }
}

public enum MetricValue: Sendable, Equatable {
    case integer(Int64)
    case number(Double)
}

extension Int: MetricNumber {
    public var metricValue: MetricValue { .integer(Int64(self)) }
}

extension Int64: MetricNumber {
    public var metricValue: MetricValue { .integer(self) }
}

extension UInt64: MetricNumber {
    /// What is beyond 2^63 becomes a double.
    public var metricValue: MetricValue {
        Int64(exactly: self).map { .integer($0) } ?? .number(Double(self))
    }
}

extension Double: MetricNumber {
    public var metricValue: MetricValue { .number(self) }
}
