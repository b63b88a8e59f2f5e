/// What the dialect knows of the keys of a prometheus.yml. The contents of scrape configs and of
/// remote writes are checked by the schemas of the components that they become.
package enum PrometheusKeys {
    /// Sections that become something.
    static let read = ["global", "scrape_configs", "scrape_config_files", "remote_write"]

    /// Sections that are accepted and do nothing, with what there is instead.
    static let leftOut: [(key: String, advice: String)] = [
        (
            "rule_files",
            "Weir evaluates no rules: leave them with the Prometheus, or with what else receives the "
                + "data"
        ),
        ("alerting", "Weir sends no alerts: leave that with whatever evaluates the rules"),
        ("remote_read", "Weir keeps no series, so it answers no queries"),
        ("storage", "Weir keeps no series: it scrapes and sends"),
        ("tracing", "Weir sends no traces of its own"),
        ("runtime", "that is a setting of Go's runtime"),
        ("otlp", "to take in OTLP, give a second file with a receiver 'otlp': --config FILE"),
    ]

    static var sections: [String] { read + leftOut.map(\.key) }

    /// Keys of `global` that go to the receiver as they are.
    static let scrapeDefaults = [
        "scrape_interval", "scrape_timeout", "scrape_protocols", "body_size_limit", "sample_limit",
        "label_limit", "label_name_length_limit", "label_value_length_limit", "target_limit",
        "keep_dropped_targets", "metric_name_validation_scheme", "metric_name_escaping_scheme",
        "scrape_native_histograms", "always_scrape_classic_histograms",
        "convert_classic_histograms_to_nhcb", "extra_scrape_metrics", "scrape_failure_log_file",
    ]

    /// Keys of `global` that are about rules or queries. Without any rules, every file has the first.
    static let rules = ["evaluation_interval", "rule_query_offset", "query_log_file"]

    static var global: [String] { scrapeDefaults + ["external_labels"] + rules }

    /// Mappings whose keys people choose, and whose values are text, whatever they look like.
    static let freeMappings: Set = [
        "labels", "external_labels", "params", "headers", "http_headers", "endpoint_params",
        "service_attributes", "node_meta",
    ]

    static let booleans: Set = [
        "honor_labels", "honor_timestamps", "track_timestamps_staleness", "enable_compression",
        "follow_redirects", "enable_http2", "insecure_skip_verify", "proxy_from_environment",
        "scrape_native_histograms", "scrape_classic_histograms", "always_scrape_classic_histograms",
        "convert_classic_histograms_to_nhcb", "extra_scrape_metrics", "send_exemplars",
        "send_native_histograms", "send", "retry_on_http_429", "own_namespace", "node",
        "match_first_network", "round_robin_dns", "allow_stale", "all_tenants",
    ]

    package static let numbers: Set = [
        "sample_limit", "label_limit", "label_name_length_limit", "label_value_length_limit",
        "target_limit", "keep_dropped_targets", "native_histogram_bucket_limit",
        "native_histogram_min_bucket_factor", "modulus", "port", "capacity", "max_shards",
        "min_shards", "max_samples_per_send",
    ]

    /// `namespace` switches something on in `attach_metadata`, and is a name elsewhere.
    package static func isBoolean(_ key: String, in parent: String) -> Bool {
        booleans.contains(key) || key == "namespace" && parent == "attach_metadata"
    }

    /// Whether a relative path stands here, as Prometheus resolves it.
    static func isPath(_ key: String, in parent: String) -> Bool {
        key.hasSuffix("_file") || key == "files" && parent != "filters"
    }
}
