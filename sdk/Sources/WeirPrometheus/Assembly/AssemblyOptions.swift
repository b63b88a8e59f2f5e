/// How ``ScrapeAssembler`` reads a target, by the names of Prometheus' scrape configuration. A
/// limit of 0 is none.
public struct AssemblyOptions: Sendable, Hashable {
    /// Samples that a scrape may have after relabelling; a native histogram counts as one.
    public var sampleLimit = 0
    /// Labels that a series may have after relabelling, its name included.
    public var labelLimit = 0
    /// In bytes.
    public var labelNameLengthLimit = 0
    /// In bytes.
    public var labelValueLengthLimit = 0
    /// Buckets that a native histogram may have. One with more is made coarser; the scrape fails
    /// only where that is not possible.
    public var nativeHistogramBucketLimit = 0
    /// Whether a sample's own timestamp counts.
    public var honorTimestamps = true
    /// Whether a series with timestamps of its own is marked stale when it vanishes.
    public var trackTimestampsStaleness = false
    /// What a native histogram that has classic buckets too is passed on as: the native one alone,
    /// or both (`always_scrape_classic_histograms`).
    public var alwaysScrapeClassicHistograms = false
    /// What is read where the Content-Type says nothing that is known; `nil` refuses it.
    public var fallbackFormat: ExpositionFormat? = .text

    public init() {}
}
