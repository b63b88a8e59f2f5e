/// What one scrape of a target gave.
public struct Scrape: Sendable {
    /// An OTLP `ExportMetricsServiceRequest`; empty if there is nothing to pass on, or if
    /// ``ScrapeAssembler/writeRequest(to:)`` writes it elsewhere.
    public var request: [UInt8] = []
    /// The size of the request.
    public var byteCount = 0
    /// The data points in `request`, stale ones included.
    public var items = 0
    /// The format that was read.
    public var format = ExpositionFormat.text
    /// `scrape_samples_scraped`: the samples that the target exposed.
    public var samplesScraped = 0
    /// `scrape_samples_post_metric_relabeling`: those that relabelling left.
    public var samplesAfterRelabel = 0
    /// `scrape_series_added`: the series that the scrape before this one did not have.
    public var seriesAdded = 0
    /// Samples that were left out because their series had had one in this scrape already.
    public var duplicates = 0
    /// Samples that were left out because their timestamp is before 1970 or more than ten minutes
    /// ahead.
    public var outOfBounds = 0
    /// Exemplars that were left out: labels of more than 128 characters, or on a summary.
    public var exemplarsDropped = 0
}
