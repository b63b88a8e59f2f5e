/// The keys of `Metric.metadata` that a metric carries which came from Prometheus.
///
/// Where `prometheus.type` is there, name and labels are Prometheus' own: on the way back they are
/// used as they stand, without the name and unit suffixes of the OTLP translation.
public enum Provenance {
    /// A ``MetricType``, by its raw value. The Collector uses the same key.
    public static let typeKey = "prometheus.type"
    /// `true` if the start times of its points are what the target itself gave (`_created`), not
    /// what the scraper observed.
    public static let createdKey = "prometheus.created"
    /// The name of the scope of metrics that came from Prometheus.
    public static let scopeName = "weir/prometheus"
}
