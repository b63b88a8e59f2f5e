import WeirJSON
import WeirSDK

/// The keys that a file may have where `weir relabel` looks. A rule under a misspelt key would be
/// a rule that is not there, and the answer wrong.
enum KnownKeys {
    static let file = [
        "global", "scrape_configs", "scrape_config_files", "rule_files", "alerting",
        "remote_write", "remote_read", "storage", "tracing", "runtime", "otlp",
    ]

    static let ruleLists = ["relabel_configs", "metric_relabel_configs", "write_relabel_configs"]

    static let rule = RelabelRule.CodingKeys.allCases.map(\.rawValue)

    static let global = [
        "scrape_interval", "scrape_timeout", "scrape_protocols", "body_size_limit",
        "sample_limit", "target_limit", "label_limit", "label_name_length_limit",
        "label_value_length_limit", "keep_dropped_targets", "scrape_native_histograms",
        "always_scrape_classic_histograms", "extra_scrape_metrics",
        "metric_name_validation_scheme", "metric_name_escaping_scheme",
        "convert_classic_histograms_to_nhcb", "scrape_failure_log_file", "external_labels",
        "evaluation_interval", "rule_query_offset", "query_log_file",
    ]

    static let job =
        [
            "job_name", "scrape_interval", "scrape_timeout", "scrape_protocols", "body_size_limit",
            "sample_limit", "target_limit", "label_limit", "label_name_length_limit",
            "label_value_length_limit", "keep_dropped_targets", "scrape_native_histograms",
            "always_scrape_classic_histograms", "extra_scrape_metrics",
            "metric_name_validation_scheme", "metric_name_escaping_scheme",
            "convert_classic_histograms_to_nhcb", "scrape_failure_log_file",
            "fallback_scrape_protocol", "metrics_path", "scheme", "params", "honor_labels",
            "honor_timestamps", "track_timestamps_staleness", "enable_compression",
            "native_histogram_bucket_limit", "native_histogram_min_bucket_factor",
            "relabel_configs",
            "metric_relabel_configs", "basic_auth", "authorization", "bearer_token",
            "bearer_token_file", "tls_config", "proxy_url", "no_proxy", "follow_redirects",
            "enable_http2", "http_headers", "static_configs",
        ] + discoveries.map { $0 + "_sd_configs" }

    private static let discoveries = [
        "file", "http", "dns", "docker", "kubernetes", "aws", "azure", "consul", "digitalocean",
        "dockerswarm", "ec2", "eureka", "gce", "hetzner", "ionos", "kuma", "lightsail", "linode",
        "marathon", "nerve", "nomad", "openstack", "ovhcloud", "puppetdb", "scaleway",
        "serverset", "stackit", "triton", "uyuni", "vultr",
    ]

    /// An element of `remote_write`.
    static let write = [
        "url", "name", "remote_timeout", "basic_auth", "authorization", "bearer_token",
        "bearer_token_file", "tls_config", "http_headers", "protobuf_message", "headers",
        "proxy_url", "follow_redirects", "send_exemplars", "send_native_histograms",
        "write_relabel_configs", "queue_config", "metadata_config", "oauth2", "sigv4", "azuread",
        "google_iam", "no_proxy", "proxy_from_environment", "proxy_connect_header",
        "enable_http2", "round_robin_dns",
    ]

    /// Throws `invalid` for the first key of a mapping that is not known; what is no mapping has
    /// none.
    static func check(
        _ mapping: JSONValue?, _ place: String, _ known: [String]
    ) throws(ComponentError) {
        for member in mapping?.objectValue ?? [] where !known.contains(member.key) {
            let key = place.isEmpty ? member.key : "\(place).\(member.key)"
            let advice =
                nearestKey(to: member.key, in: known).map { "did you mean \($0)?" }
                ?? (known.count < 12
                    ? "expected \(known.joined(separator: ", "))"
                    : "weir validate --prometheus looks at the whole of a prometheus.yml")
            throw .invalid("\(key): this key is not known; \(advice)")
        }
    }

    /// The same for each element of a list of mappings.
    static func check(
        each list: JSONValue?, _ place: String, _ known: [String]
    ) throws(ComponentError) {
        for (index, element) in (list?.arrayValue ?? []).enumerated() {
            try check(element, "\(place)[\(index)]", known)
        }
    }
}

/// The key that was probably meant; `nil` where none is close.
func nearestKey(to name: String, in known: [String]) -> String? {
    let limit = name.utf8.count <= 4 ? 1 : name.utf8.count <= 7 ? 2 : 3
    let near = known.map { (key: $0, distance: editDistance(Array(name.utf8), Array($0.utf8))) }
    guard let best = near.min(by: { $0.distance < $1.distance }), best.distance <= limit else {
        return nil
    }
    return best.key
}

/// How many bytes to insert, delete or replace.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var last = Array(0...right.count)
    for (row, byte) in left.enumerated() {
        var current = [row + 1]
        for (column, other) in right.enumerated() {
            current.append(
                min(
                    last[column + 1] + 1, current[column] + 1,
                    last[column] + (byte == other ? 0 : 1)))
        }
        last = current
    }
    return last[right.count]
}
