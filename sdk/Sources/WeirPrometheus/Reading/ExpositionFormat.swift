/// The formats in which Prometheus' targets expose their metrics.
public enum ExpositionFormat: Sendable, Hashable, CaseIterable {
    /// Prometheus' text, 0.0.4 and 1.0.0 (which adds quoted UTF-8 names): one reader takes both.
    case text
    /// OpenMetrics' text, 0.0.1 and 1.0.0.
    case openMetrics
    /// `io.prometheus.client.MetricFamily`, each preceded by its length.
    case protobuf
}
