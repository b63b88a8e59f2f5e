/// What a request of remote write became.
public struct ReceivedWrite: Sendable {
    /// An OTLP `ExportMetricsServiceRequest`; empty if there is nothing to pass on.
    public var request: [UInt8] = []
    /// The data points in it. A classic histogram is one, however many series it had.
    public var items = 0
    /// Samples, native histograms and exemplars that went into it.
    public var samples = 0
    public var histograms = 0
    public var exemplars = 0
    /// Samples and native histograms that did not, because they or their series are wrong.
    public var rejected = 0
    /// Exemplars that did not: of series that have no sample in the same request, for which OTLP has
    /// no place, and those whose labels have more than 128 characters.
    public var lostExemplars = 0
    /// The first thing that is wrong, with its series.
    public var complaint: String?

    public init() {}
}
