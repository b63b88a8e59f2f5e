import WeirPrometheus

/// What is known about a target from its last scrape.
struct ScrapeReport: Sendable {
    enum Health: String, Sendable { case unknown, up, down }

    var health = Health.unknown
    /// Empty if the last scrape succeeded.
    var error = ""
    /// Nanoseconds since 1970 and how many; 0: there was none yet.
    var moment: UInt64 = 0
    var duration: UInt64 = 0
    var samplesScraped = 0
    var samplesAfterRelabel = 0
    var seriesAdded = 0
    var bodyBytes = 0
    /// Ticks that passed without a scrape, because the one before was still under way.
    var skipped = 0
    /// Scrapes whose data were dropped because what follows did not take them in time.
    var dropped = 0
}

extension ScrapeReport {
    /// The series that Prometheus makes about each scrape.
    func series(_ job: ScrapeJob, _ target: Target) -> [ReportSeries.Sample] {
        var series: [ReportSeries.Sample] = [
            .init(
                "up", health == .up ? 1 : 0,
                help: "Whether the last scrape of the target succeeded."
            ),
            .init(
                "scrape_duration_seconds", Double(duration) / 1e9,
                help: "How long the scrape took.", unit: "s"),
            .init(
                "scrape_samples_scraped", Double(samplesScraped),
                help: "Samples that the target exposed."),
            .init(
                "scrape_samples_post_metric_relabeling", Double(samplesAfterRelabel),
                help: "Samples that were left after metric_relabel_configs."),
            .init(
                "scrape_series_added", Double(seriesAdded),
                help: "Series that the scrape before did not have."),
        ]
        if job.reportsExtraMetrics {
            series += [
                .init(
                    "scrape_timeout_seconds", Double(target.timeout) / 1e9,
                    help: "After how long a scrape is given up.", unit: "s"),
                .init(
                    "scrape_sample_limit", Double(job.assembly.sampleLimit),
                    help: "Samples that a scrape may have; 0: no limit."),
                .init(
                    "scrape_body_size_bytes", Double(bodyBytes),
                    help: "Size of the answer, unpacked.", unit: "By"),
            ]
        }
        return series
    }

    /// The same series with stale markers: the target is gone.
    func staleSeries(_ job: ScrapeJob, _ target: Target) -> [ReportSeries.Sample] {
        series(job, target).map { .init($0.name, nil, help: $0.help, unit: $0.unit) }
    }
}
