/// What a span does. Open: values that OTLP adds later keep their number.
@frozen
public struct SpanKind: RawRepresentable, Sendable, Hashable {
    public var rawValue: Int32
    @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
    @inlinable public static var unspecified: SpanKind { SpanKind(rawValue: 0) }
    @inlinable public static var `internal`: SpanKind { SpanKind(rawValue: 1) }
    @inlinable public static var server: SpanKind { SpanKind(rawValue: 2) }
    @inlinable public static var client: SpanKind { SpanKind(rawValue: 3) }
    @inlinable public static var producer: SpanKind { SpanKind(rawValue: 4) }
    @inlinable public static var consumer: SpanKind { SpanKind(rawValue: 5) }
}

/// How a span ended.
@frozen
public struct StatusCode: RawRepresentable, Sendable, Hashable {
    public var rawValue: Int32
    @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
    @inlinable public static var unset: StatusCode { StatusCode(rawValue: 0) }
    @inlinable public static var ok: StatusCode { StatusCode(rawValue: 1) }
    @inlinable public static var error: StatusCode { StatusCode(rawValue: 2) }
}

/// Whether points report changes or totals.
@frozen
public struct AggregationTemporality: RawRepresentable, Sendable, Hashable {
    public var rawValue: Int32
    @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
    @inlinable public static var unspecified: AggregationTemporality { .init(rawValue: 0) }
    @inlinable public static var delta: AggregationTemporality { .init(rawValue: 1) }
    @inlinable public static var cumulative: AggregationTemporality { .init(rawValue: 2) }
}

extension EnumerationType {
    /// The protobuf names by number, without gaps from 0.
    package var names: [String] {
        switch self {
        case .spanKind:
            ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"].map {
                "SPAN_KIND_" + $0
            }
        case .statusCode: ["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"]
        case .aggregationTemporality:
            ["UNSPECIFIED", "DELTA", "CUMULATIVE"].map { "AGGREGATION_TEMPORALITY_" + $0 }
        case .severityNumber:
            ["SEVERITY_NUMBER_UNSPECIFIED"]
                + ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"].flatMap { level in
                    ["", "2", "3", "4"].map { "SEVERITY_NUMBER_" + level + $0 }
                }
        }
    }
}
