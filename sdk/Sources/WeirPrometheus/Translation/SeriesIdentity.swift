/// A metric family: what `# HELP`, `# TYPE` and `# UNIT` say.
public struct MetricFamily: Sendable, Hashable {
    /// The name as Prometheus stores it: of a counter with `_total`, of a histogram without
    /// `_bucket`.
    public var name: String
    public var type: MetricType
    public var help: String
    /// As in OTLP for what came from there; in Prometheus' words if it came from Prometheus.
    public var unit: String

    public init(name: String, type: MetricType, help: String = "", unit: String = "") {
        self.name = name
        self.type = type
        self.help = help
        self.unit = unit
    }
}

/// What identifies a data point to Prometheus. It never changes while the point is remembered.
public struct SeriesIdentity: Sendable, Hashable {
    /// What the point has beside a value.
    public enum Layout: Sendable, Hashable {
        /// One series of the family's name.
        case single
        /// A histogram with these upper bounds, without +Inf. `hasBuckets` is false if it has only
        /// count and sum.
        case histogram(bounds: [Double], hasBuckets: Bool)
        /// An exponential histogram: one native histogram of the family's name.
        case native
        /// A summary of these quantiles.
        case summary(quantiles: [Double])
    }

    public var family: MetricFamily
    /// The point's labels, `__name__` (the family's name), `le` and `quantile` left out.
    public var labels: Labels
    public var layout: Layout
    /// Whether the points are changes, not totals; never with `takesDelta` off.
    public var isDelta: Bool
    /// Whether the start times are the target's own: they become `_created`.
    public var hasCreated: Bool
    /// Whether the metric came from Prometheus (see ``Provenance``).
    public var isFromPrometheus: Bool

    /// The series that Prometheus stores for the point, in the order in which
    /// ``PointData/forEachSample(_:)`` gives their values.
    ///
    /// - single, native: one.
    /// - histogram: `_bucket` for each bound and +Inf (none without buckets), `_count`, `_sum`.
    /// - summary: one for each quantile, `_count`, `_sum`.
    public var series: [Labels] {
        switch layout {
        case .single, .native: return [labels(suffix: "")]
        case .histogram(let bounds, let hasBuckets):
            let isGauge = family.type == .gaugeHistogram
            var all: [Labels] = []
            if hasBuckets {
                all = (bounds + [.infinity]).map { bound in
                    labels(suffix: "_bucket", Label("le", canonicalFloat(bound)))
                }
            }
            all.append(labels(suffix: isGauge ? "_gcount" : "_count"))
            all.append(labels(suffix: isGauge ? "_gsum" : "_sum"))
            return all
        case .summary(let quantiles):
            return quantiles.map { labels(suffix: "", Label("quantile", canonicalFloat($0))) }
                + [labels(suffix: "_count"), labels(suffix: "_sum")]
        }
    }

    /// The series `_created`, for those that write start times as one.
    public var createdSeries: Labels {
        var labels = labels
        let base = family.name.hasSuffix("_total") ? family.name.dropLast(6) : family.name[...]
        labels["__name__"] = base + "_created"
        return labels
    }

    private func labels(suffix: String, _ extra: Label? = nil) -> Labels {
        var labels = labels
        labels["__name__"] = family.name + suffix
        if let extra { labels[extra.name] = extra.value }
        return labels
    }
}
