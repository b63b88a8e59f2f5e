import WeirSDK

/// The settings of receiver `prometheus`: the Collector's form, with Prometheus' own keys inside.
struct ScrapeSettings: Decodable, Sendable {
    var config: PrometheusConfig
    /// The Collector's switch for what Prometheus calls `extra_scrape_metrics`.
    var reportExtraScrapeMetrics: Bool
    let absent: AbsentKeys

    enum CodingKeys: String, CodingKey { case config, reportExtraScrapeMetrics }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        config = try container.decode(PrometheusConfig.self, forKey: .config)
        reportExtraScrapeMetrics = try container.value(.reportExtraScrapeMetrics, or: false)
        absent = try AbsentKeys(
            [
                ("target_allocator", "use kubernetes_sd_configs in each scrape config"),
                ("api_server", "targets are shown at /targets and /api/v1/targets of the host"),
                ("trim_metric_suffixes", "names stay as they were exposed"),
                ("use_start_time_metric", "start times are taken from _created and from resets"),
                (
                    "start_time_metric_regex",
                    "start times are taken from _created and from resets"
                ),
            ], in: decoder)
    }
}

/// As much of a prometheus.yml as belongs to scraping.
struct PrometheusConfig: Decodable, Sendable {
    struct Global: Decodable, Sendable {
        var common: CommonScrapeSettings
        var externalLabels: [String: String]
        let absent: AbsentKeys

        enum CodingKeys: String, CodingKey { case externalLabels }

        init(from decoder: any Decoder) throws {
            common = try CommonScrapeSettings(from: decoder)
            let container = try decoder.container(keyedBy: CodingKeys.self)
            externalLabels = try container.value(.externalLabels, or: [:])
            absent = try AbsentKeys(JobSettings.absentOfBoth, in: decoder)
            // What is about rules and queries has no effect on scraping; the host says so.
            _ = try AbsentKeys(
                [("evaluation_interval", ""), ("rule_query_offset", ""), ("query_log_file", "")],
                in: decoder)
        }
    }

    var global: Global?
    var scrapeConfigs: [JobSettings]
    let absent: AbsentKeys

    enum CodingKeys: String, CodingKey { case global, scrapeConfigs }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        global = try container.decodeIfPresent(Global.self, forKey: .global)
        scrapeConfigs = try container.value(.scrapeConfigs, or: [])
        absent = try AbsentKeys(
            [
                ("scrape_config_files", "write what is in these files under scrape_configs"),
                ("rule_files", "rules are not evaluated here"),
                ("alerting", "alerts are not sent from here"),
                ("remote_write", "use the sink prometheusremotewrite"),
                ("remote_read", "nothing is stored here"),
                ("storage", "nothing is stored here"),
                ("tracing", "the host has its own settings for this"),
                ("otlp", "use the receiver otlp"),
            ], in: decoder)
    }
}
