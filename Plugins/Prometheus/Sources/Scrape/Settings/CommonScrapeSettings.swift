import WeirSDK

/// The keys that `global` and each scrape config have both; those of a scrape config win.
struct CommonScrapeSettings: Decodable, Sendable {
    var scrapeInterval: PrometheusDuration?
    var scrapeTimeout: PrometheusDuration?
    var scrapeProtocols: [ScrapeProtocol]?
    var bodySizeLimit: ByteCount?
    var sampleLimit: Int?
    var targetLimit: Int?
    var labelLimit: Int?
    var labelNameLengthLimit: Int?
    var labelValueLengthLimit: Int?
    var keepDroppedTargets: Int?
    var scrapeNativeHistograms: Bool?
    var alwaysScrapeClassicHistograms: Bool?
    var extraScrapeMetrics: Bool?
    var metricNameValidationScheme: String?
    var metricNameEscapingScheme: String?

    /// What is set here, and `fallback` for the rest.
    func or(_ fallback: CommonScrapeSettings) -> CommonScrapeSettings {
        CommonScrapeSettings(
            scrapeInterval: scrapeInterval ?? fallback.scrapeInterval,
            scrapeTimeout: scrapeTimeout ?? fallback.scrapeTimeout,
            scrapeProtocols: scrapeProtocols ?? fallback.scrapeProtocols,
            bodySizeLimit: bodySizeLimit ?? fallback.bodySizeLimit,
            sampleLimit: sampleLimit ?? fallback.sampleLimit,
            targetLimit: targetLimit ?? fallback.targetLimit,
            labelLimit: labelLimit ?? fallback.labelLimit,
            labelNameLengthLimit: labelNameLengthLimit ?? fallback.labelNameLengthLimit,
            labelValueLengthLimit: labelValueLengthLimit ?? fallback.labelValueLengthLimit,
            keepDroppedTargets: keepDroppedTargets ?? fallback.keepDroppedTargets,
            scrapeNativeHistograms: scrapeNativeHistograms ?? fallback.scrapeNativeHistograms,
            alwaysScrapeClassicHistograms: alwaysScrapeClassicHistograms
                ?? fallback.alwaysScrapeClassicHistograms,
            extraScrapeMetrics: extraScrapeMetrics ?? fallback.extraScrapeMetrics,
            metricNameValidationScheme: metricNameValidationScheme
                ?? fallback.metricNameValidationScheme,
            metricNameEscapingScheme: metricNameEscapingScheme
                ?? fallback.metricNameEscapingScheme)
    }
}
