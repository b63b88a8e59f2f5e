/// Every message that can occur inside an OTLP request. The raw value indexes the tables.
package enum MessageType: UInt8, Sendable, CaseIterable {
    case tracesRequest, metricsRequest, logsRequest
    case resourceSpans, resourceMetrics, resourceLogs
    case scopeSpans, scopeMetrics, scopeLogs
    // The items: `isItem` relies on these five standing together.
    case span, logRecord, numberDataPoint, histogramDataPoint, exponentialHistogramDataPoint
    case summaryDataPoint
    case metric, gauge, sum, histogram, exponentialHistogram, summary
    case resource, entityRef, scope
    case event, link, status
    case buckets, valueAtQuantile, exemplar
    case anyValue, arrayValue, keyValueList, keyValue

    /// Whether one such message counts as one item of its signal.
    package var isItem: Bool {
        rawValue >= MessageType.span.rawValue && rawValue <= MessageType.summaryDataPoint.rawValue
    }

    /// The request of a signal.
    package init(requestOf signal: Signal) {
        switch signal {
        case .traces: self = .tracesRequest
        case .metrics: self = .metricsRequest
        case .logs: self = .logsRequest
        }
    }

    /// The unit that is dropped when something inside it is invalid: span, metric, log record.
    package static func record(of signal: Signal) -> MessageType {
        switch signal {
        case .traces: .span
        case .metrics: .metric
        case .logs: .logRecord
        }
    }
}
