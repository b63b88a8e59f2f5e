/// The type that an exposition gives a family, by its name in OpenMetrics. Prometheus' text and
/// metadata say `untyped` and `unknown` for the same thing.
public enum MetricType: String, Sendable, Hashable, CaseIterable {
    case unknown, counter, gauge, histogram, summary, info, stateset
    case gaugeHistogram = "gaugehistogram"
}
