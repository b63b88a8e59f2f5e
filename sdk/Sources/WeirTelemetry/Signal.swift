/// The kind of telemetry that a batch holds. The raw values are part of the ABI.
public enum Signal: UInt32, Sendable, Hashable, CaseIterable {
    case traces = 1
    case metrics = 2
    case logs = 3

    /// The name that configuration and messages use: `traces`, `metrics` or `logs`.
    public var name: String {
        switch self {
        case .traces: "traces"
        case .metrics: "metrics"
        case .logs: "logs"
        }
    }

    /// The protobuf name of the only field of the request: `resource_spans` and its siblings.
    public var resourceFieldName: String {
        switch self {
        case .traces: "resource_spans"
        case .metrics: "resource_metrics"
        case .logs: "resource_logs"
        }
    }

    /// The full protobuf name of the request message.
    public var requestName: String {
        let package = "opentelemetry.proto.collector."
        return switch self {
        case .traces: package + "trace.v1.ExportTraceServiceRequest"
        case .metrics: package + "metrics.v1.ExportMetricsServiceRequest"
        case .logs: package + "logs.v1.ExportLogsServiceRequest"
        }
    }

    /// The path of the gRPC method that takes the request.
    public var grpcPath: String {
        let package = "/opentelemetry.proto.collector."
        return switch self {
        case .traces: package + "trace.v1.TraceService/Export"
        case .metrics: package + "metrics.v1.MetricsService/Export"
        case .logs: package + "logs.v1.LogsService/Export"
        }
    }

    /// The path of the OTLP/HTTP endpoint that takes the request.
    public var httpPath: String { "/v1/" + name }

    /// What one item is called in messages: `span`, `data point` or `log record`.
    public var itemName: String {
        switch self {
        case .traces: "span"
        case .metrics: "data point"
        case .logs: "log record"
        }
    }
}
