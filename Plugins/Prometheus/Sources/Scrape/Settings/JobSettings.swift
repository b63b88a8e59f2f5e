import WeirSDK

/// One element of `scrape_configs`.
struct JobSettings: Decodable, Sendable {
    var jobName: String
    var common: CommonScrapeSettings
    var fallbackScrapeProtocol: ScrapeProtocol?
    var metricsPath: String
    var scheme: String
    var params: [String: [String]]
    var honorLabels: Bool
    var honorTimestamps: Bool
    var trackTimestampsStaleness: Bool
    var enableCompression: Bool
    var nativeHistogramBucketLimit: Int
    var relabelConfigs: [RelabelRule]
    var metricRelabelConfigs: [RelabelRule]
    var http: HTTPClientSettings
    var discovery: DiscoveryConfig
    let absent: AbsentKeys

    enum CodingKeys: String, CodingKey {
        case jobName, fallbackScrapeProtocol, metricsPath, scheme, params, honorLabels
        case honorTimestamps, trackTimestampsStaleness, enableCompression
        case nativeHistogramBucketLimit, relabelConfigs, metricRelabelConfigs
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        jobName = try container.decode(String.self, forKey: .jobName)
        common = try CommonScrapeSettings(from: decoder)
        fallbackScrapeProtocol = try container.decodeIfPresent(
            ScrapeProtocol.self, forKey: .fallbackScrapeProtocol)
        metricsPath = try container.value(.metricsPath, or: "/metrics")
        scheme = try container.value(.scheme, or: "http")
        params = try container.value(.params, or: [:])
        honorLabels = try container.value(.honorLabels, or: false)
        honorTimestamps = try container.value(.honorTimestamps, or: true)
        trackTimestampsStaleness = try container.value(.trackTimestampsStaleness, or: false)
        enableCompression = try container.value(.enableCompression, or: true)
        nativeHistogramBucketLimit = try container.value(.nativeHistogramBucketLimit, or: 0)
        relabelConfigs = try container.value(.relabelConfigs, or: [])
        metricRelabelConfigs = try container.value(.metricRelabelConfigs, or: [])
        http = try HTTPClientSettings(from: decoder)
        discovery = try DiscoveryConfig(from: decoder)
        absent = try AbsentKeys(
            JobSettings.absentOfBoth + JobSettings.absentHere + JobSettings.absentDiscovery,
            in: decoder)
    }

    static let absentOfBoth: [(key: String, advice: String)] = [
        (
            "convert_classic_histograms_to_nhcb",
            "classic histograms become OTLP histograms, which have their buckets already"
        ),
        ("scrape_failure_log_file", "failures are in the log and at /targets"),
    ]

    private static let absentHere: [(key: String, advice: String)] = [
        (
            "native_histogram_min_bucket_factor",
            "limit the buckets with native_histogram_bucket_limit"
        )
    ]

    private static let absentDiscovery: [(key: String, advice: String)] = [
        "aws", "azure", "consul", "digitalocean", "dockerswarm", "ec2", "eureka", "gce", "hetzner",
        "ionos", "kuma", "lightsail", "linode", "marathon", "nerve", "nomad", "openstack",
        "ovhcloud", "puppetdb", "scaleway", "serverset", "stackit", "triton", "uyuni", "vultr",
    ].map {
        (
            "\($0)_sd_configs",
            "let something write its targets for file_sd_configs, or serve them for http_sd_configs"
        )
    }
}
