/// The fields of every OTLP message, indexed by the message's raw value.
///
/// Everything that must know the whole of OTLP (the scan, both directions of JSON, the paths in
/// errors) reads this one table.
package let schema: [[Field]] = MessageType.allCases.map(fields(of:))

extension MessageType {
    package var fields: [Field] { schema[Int(rawValue)] }

    package func field(number: Int) -> Field? { fields.first { $0.number == number } }
}

private func fields(of type: MessageType) -> [Field] {
    switch type {
    case .tracesRequest: [Field(1, "resource_spans", .message(.resourceSpans), .repeated)]
    case .metricsRequest: [Field(1, "resource_metrics", .message(.resourceMetrics), .repeated)]
    case .logsRequest: [Field(1, "resource_logs", .message(.resourceLogs), .repeated)]
    case .resourceSpans: resourceFields("scope_spans", .scopeSpans)
    case .resourceMetrics: resourceFields("scope_metrics", .scopeMetrics)
    case .resourceLogs: resourceFields("scope_logs", .scopeLogs)
    case .scopeSpans: scopeFields("spans", .span)
    case .scopeMetrics: scopeFields("metrics", .metric)
    case .scopeLogs: scopeFields("log_records", .logRecord)
    case .span, .event, .link, .status: traceFields(of: type)
    case .logRecord: logRecordFields
    case .metric, .gauge, .sum, .histogram, .exponentialHistogram, .summary:
        metricFields(of: type)
    case .numberDataPoint, .histogramDataPoint, .exponentialHistogramDataPoint,
        .summaryDataPoint, .buckets, .valueAtQuantile, .exemplar:
        dataPointFields(of: type)
    case .resource, .entityRef, .scope, .anyValue, .arrayValue, .keyValueList, .keyValue:
        commonFields(of: type)
    }
}

private func resourceFields(_ children: String, _ type: MessageType) -> [Field] {
    [
        Field(1, "resource", .message(.resource)), Field(2, children, .message(type), .repeated),
        Field(3, "schema_url", .string),
    ]
}

private func scopeFields(_ children: String, _ type: MessageType) -> [Field] {
    [
        Field(1, "scope", .message(.scope)), Field(2, children, .message(type), .repeated),
        Field(3, "schema_url", .string),
    ]
}

private func attributes(_ number: Int, _ name: String = "attributes") -> Field {
    Field(number, name, .message(.keyValue), .repeated)
}

private func traceFields(of type: MessageType) -> [Field] {
    switch type {
    case .event:
        [
            Field(1, "time_unix_nano", .fixed64), Field(2, "name", .string), attributes(3),
            Field(4, "dropped_attributes_count", .uint32),
        ]
    case .link:
        [
            Field(1, "trace_id", .traceID), Field(2, "span_id", .spanID),
            Field(3, "trace_state", .string), attributes(4),
            Field(5, "dropped_attributes_count", .uint32), Field(6, "flags", .fixed32),
        ]
    case .status:
        [Field(2, "message", .string), Field(3, "code", .enumeration(.statusCode))]
    default:
        [
            Field(1, "trace_id", .traceID), Field(2, "span_id", .spanID),
            Field(3, "trace_state", .string), Field(4, "parent_span_id", .spanID),
            Field(16, "flags", .fixed32), Field(5, "name", .string),
            Field(6, "kind", .enumeration(.spanKind)),
            Field(7, "start_time_unix_nano", .fixed64), Field(8, "end_time_unix_nano", .fixed64),
            attributes(9), Field(10, "dropped_attributes_count", .uint32),
            Field(11, "events", .message(.event), .repeated),
            Field(12, "dropped_events_count", .uint32),
            Field(13, "links", .message(.link), .repeated),
            Field(14, "dropped_links_count", .uint32), Field(15, "status", .message(.status)),
        ]
    }
}

private let logRecordFields = [
    Field(1, "time_unix_nano", .fixed64), Field(11, "observed_time_unix_nano", .fixed64),
    Field(2, "severity_number", .enumeration(.severityNumber)),
    Field(3, "severity_text", .string), Field(5, "body", .message(.anyValue)), attributes(6),
    Field(7, "dropped_attributes_count", .uint32), Field(8, "flags", .fixed32),
    Field(9, "trace_id", .traceID), Field(10, "span_id", .spanID),
    Field(12, "event_name", .string),
]

private func metricFields(of type: MessageType) -> [Field] {
    let temporality = Field(
        2, "aggregation_temporality", .enumeration(.aggregationTemporality))
    func points(_ type: MessageType) -> Field { Field(1, "data_points", .message(type), .repeated) }
    return switch type {
    case .gauge: [points(.numberDataPoint)]
    case .sum: [points(.numberDataPoint), temporality, Field(3, "is_monotonic", .bool)]
    case .histogram: [points(.histogramDataPoint), temporality]
    case .exponentialHistogram: [points(.exponentialHistogramDataPoint), temporality]
    case .summary: [points(.summaryDataPoint)]
    default:
        [
            Field(1, "name", .string), Field(2, "description", .string), Field(3, "unit", .string),
            Field(5, "gauge", .message(.gauge), .oneof), Field(7, "sum", .message(.sum), .oneof),
            Field(9, "histogram", .message(.histogram), .oneof),
            Field(10, "exponential_histogram", .message(.exponentialHistogram), .oneof),
            Field(11, "summary", .message(.summary), .oneof), attributes(12, "metadata"),
        ]
    }
}

private func dataPointFields(of type: MessageType) -> [Field] {
    let times = [Field(2, "start_time_unix_nano", .fixed64), Field(3, "time_unix_nano", .fixed64)]
    func exemplars(_ number: Int) -> Field {
        Field(number, "exemplars", .message(.exemplar), .repeated)
    }
    return switch type {
    case .numberDataPoint:
        [attributes(7)] + times + [
            Field(4, "as_double", .double, .oneof), Field(6, "as_int", .sfixed64, .oneof),
            exemplars(5), Field(8, "flags", .uint32),
        ]
    case .histogramDataPoint:
        [attributes(9)] + times + [
            Field(4, "count", .fixed64), Field(5, "sum", .double, .optional),
            Field(6, "bucket_counts", .fixed64, .repeated),
            Field(7, "explicit_bounds", .double, .repeated), exemplars(8),
            Field(10, "flags", .uint32), Field(11, "min", .double, .optional),
            Field(12, "max", .double, .optional),
        ]
    case .exponentialHistogramDataPoint:
        [attributes(1)] + times + [
            Field(4, "count", .fixed64), Field(5, "sum", .double, .optional),
            Field(6, "scale", .sint32), Field(7, "zero_count", .fixed64),
            Field(8, "positive", .message(.buckets)), Field(9, "negative", .message(.buckets)),
            Field(10, "flags", .uint32), exemplars(11), Field(12, "min", .double, .optional),
            Field(13, "max", .double, .optional), Field(14, "zero_threshold", .double),
        ]
    case .summaryDataPoint:
        [attributes(7)] + times + [
            Field(4, "count", .fixed64), Field(5, "sum", .double),
            Field(6, "quantile_values", .message(.valueAtQuantile), .repeated),
            Field(8, "flags", .uint32),
        ]
    case .buckets:
        [Field(1, "offset", .sint32), Field(2, "bucket_counts", .uint64, .repeated)]
    case .valueAtQuantile: [Field(1, "quantile", .double), Field(2, "value", .double)]
    default:
        [
            attributes(7, "filtered_attributes"), Field(2, "time_unix_nano", .fixed64),
            Field(3, "as_double", .double, .oneof), Field(6, "as_int", .sfixed64, .oneof),
            Field(4, "span_id", .spanID), Field(5, "trace_id", .traceID),
        ]
    }
}

private func commonFields(of type: MessageType) -> [Field] {
    switch type {
    case .resource:
        [
            attributes(1), Field(2, "dropped_attributes_count", .uint32),
            Field(3, "entity_refs", .message(.entityRef), .repeated),
        ]
    case .entityRef:
        [
            Field(1, "schema_url", .string), Field(2, "type", .string),
            Field(3, "id_keys", .string, .repeated),
            Field(4, "description_keys", .string, .repeated),
        ]
    case .scope:
        [
            Field(1, "name", .string), Field(2, "version", .string), attributes(3),
            Field(4, "dropped_attributes_count", .uint32),
        ]
    case .arrayValue: [Field(1, "values", .message(.anyValue), .repeated)]
    case .keyValueList: [attributes(1, "values")]
    case .keyValue:
        [
            Field(1, "key", .string), Field(2, "value", .message(.anyValue)),
            Field(3, "key_strindex", .int32),
        ]
    default:
        [
            Field(1, "string_value", .string, .oneof), Field(2, "bool_value", .bool, .oneof),
            Field(3, "int_value", .int64, .oneof), Field(4, "double_value", .double, .oneof),
            Field(5, "array_value", .message(.arrayValue), .oneof),
            Field(6, "kvlist_value", .message(.keyValueList), .oneof),
            Field(7, "bytes_value", .bytes, .oneof),
            Field(8, "string_value_strindex", .int32, .oneof),
        ]
    }
}
