/// A metric as an exposition has it, with its points put together: the parts of a histogram or a
/// summary are one point.
///
/// The name is the one that its series have in Prometheus: a counter that OpenMetrics calls
/// `requests` is `requests_total` here.
public struct ReadFamily: Sendable, Hashable {
    public var name: String
    /// counter, gauge, histogram, summary or unknown; what OpenMetrics has beside them is made of
    /// gauges here, each part a family of its own.
    public var type: MetricType
    public var help: String
    public var unit: String
    /// In the order of the exposition, no labels twice.
    public var points: [ReadPoint]

    public init(
        _ name: String, _ type: MetricType, help: String = "", unit: String = "",
        points: [ReadPoint] = []
    ) {
        self.name = name
        self.type = type
        self.help = help
        self.unit = unit
        self.points = points
    }
}

/// One set of labels of a family, and what was read for it.
public struct ReadPoint: Sendable, Hashable {
    /// Without the name, and without `le` and `quantile` of histograms and summaries.
    public var labels: Labels
    public var value: ReadValue

    public init(_ labels: Labels, _ value: ReadValue) {
        self.labels = labels
        self.value = value
    }
}

public enum ReadValue: Sendable, Hashable {
    case number(Double)
    case histogram(ReadHistogram)
    case summary(ReadSummary)
}

/// A classic histogram.
public struct ReadHistogram: Sendable, Hashable {
    /// Upper bounds that rise, without infinity.
    public var bounds: [Double]
    /// Each bucket's own count, one more than there are bounds.
    public var buckets: [UInt64]
    public var count: UInt64
    public var sum: Double

    public init(bounds: [Double], buckets: [UInt64], count: UInt64, sum: Double) {
        precondition(buckets.count == bounds.count + 1, "one bucket more than bounds")
        self.bounds = bounds
        self.buckets = buckets
        self.count = count
        self.sum = sum
    }
}

public struct ReadSummary: Sendable, Hashable {
    public struct Quantile: Sendable, Hashable {
        /// From 0 to 1.
        public var rank: Double
        /// In the unit of the source; NaN where nothing was observed lately.
        public var value: Double
    }

    /// By rank.
    public var quantiles: [Quantile]
    public var count: UInt64
    public var sum: Double
}
