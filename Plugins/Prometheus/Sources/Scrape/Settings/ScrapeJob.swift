import WeirPrometheus
import WeirSDK

/// One scrape config with every default filled in and every rule compiled.
struct ScrapeJob: Sendable {
    var name: String
    /// Nanoseconds.
    var interval: UInt64
    var timeout: UInt64
    var scheme: String
    var metricsPath: String
    var params: [String: [String]]
    var accept: String
    var acceptsCompressed: Bool
    var honorLabels: Bool
    /// 0: none was asked for; then it is ``mostHeld``.
    var bodySizeLimit: Int
    var targetLimit: Int
    /// How many dropped targets are remembered for the status pages.
    var keptDropped: Int
    var reportsExtraMetrics: Bool
    var assembly: AssemblyOptions
    var relabel: RelabelRules
    var metricRelabel: RelabelRules
    var externalLabels: Labels
    var http: HTTPClientSettings
    var discovery: DiscoveryConfig

    /// How much of a body is held where `body_size_limit` does not say: all of it is, uncompressed,
    /// until it has been read, be it packed, protobuf, or with rules that drop samples.
    static let mostHeld = 256 << 20

    /// Beyond this many, dropped targets are only counted: a cluster has tens of thousands of them.
    static let mostKeptDropped = 1000
}

extension ScrapeJob {
    /// All jobs of a configuration. Throws `invalid` with the path of what does not fit.
    static func all(_ settings: ScrapeSettings, _ host: Host) throws(ComponentError) -> [ScrapeJob]
    {
        try refuse(settings.absent, "")
        let config = settings.config
        try refuse(config.absent, "config.")
        guard !config.scrapeConfigs.isEmpty else {
            throw misfit("config.scrape_configs", "found none, expected at least one scrape config")
        }
        var global = config.global?.common ?? CommonScrapeSettings()
        try refuse(config.global?.absent, "config.global.")
        if settings.reportExtraScrapeMetrics, global.extraScrapeMetrics == nil {
            global.extraScrapeMetrics = true
        }
        let external = Labels(
            (config.global?.externalLabels ?? [:]).map { Label($0.key, $0.value) })
        let times = try times(global, CommonScrapeSettings(), "config.global")
        // What jobs inherit is what this default has become.
        global.scrapeTimeout = PrometheusDuration(nanoseconds: times.timeout)
        var jobs: [ScrapeJob] = []
        for (index, job) in config.scrapeConfigs.enumerated() {
            let path = "config.scrape_configs[\(index)]"
            if let twin = jobs.firstIndex(where: { $0.name == job.jobName }) {
                throw misfit(
                    "\(path).job_name",
                    "found \"\(job.jobName)\", which scrape_configs[\(twin)] has already; each "
                        + "scrape config needs a name of its own")
            }
            jobs.append(try ScrapeJob(job, global, external, host, path))
        }
        return jobs
    }

    private init(
        _ settings: JobSettings, _ global: CommonScrapeSettings, _ external: Labels, _ host: Host,
        _ path: String
    ) throws(ComponentError) {
        try ScrapeJob.refuse(settings.absent, path + ".")
        guard !settings.jobName.isEmpty else {
            throw ScrapeJob.misfit("\(path).job_name", "found nothing, expected a name")
        }
        name = settings.jobName
        let common = settings.common.or(global)
        (interval, timeout) = try ScrapeJob.times(settings.common, global, path)
        guard settings.scheme == "http" || settings.scheme == "https" else {
            throw ScrapeJob.misfit(
                "\(path).scheme", "found \"\(settings.scheme)\", expected http or https")
        }
        scheme = settings.scheme
        metricsPath =
            settings.metricsPath.hasPrefix("/") ? settings.metricsPath : "/" + settings.metricsPath
        params = settings.params
        let escaping = try ScrapeJob.escaping(common, path)
        accept = ScrapeProtocol.accept(try ScrapeJob.protocols(common, path), escaping: escaping)
        acceptsCompressed = settings.enableCompression
        honorLabels = settings.honorLabels
        bodySizeLimit = common.bodySizeLimit?.bytes ?? 0
        targetLimit = common.targetLimit ?? 0
        let kept = common.keepDroppedTargets ?? 0
        keptDropped = kept == 0 ? ScrapeJob.mostKeptDropped : min(kept, ScrapeJob.mostKeptDropped)
        reportsExtraMetrics = common.extraScrapeMetrics ?? false
        assembly = AssemblyOptions()
        assembly.sampleLimit = common.sampleLimit ?? 0
        assembly.labelLimit = common.labelLimit ?? 0
        assembly.labelNameLengthLimit = common.labelNameLengthLimit ?? 0
        assembly.labelValueLengthLimit = common.labelValueLengthLimit ?? 0
        assembly.nativeHistogramBucketLimit = settings.nativeHistogramBucketLimit
        assembly.honorTimestamps = settings.honorTimestamps
        assembly.trackTimestampsStaleness = settings.trackTimestampsStaleness
        assembly.alwaysScrapeClassicHistograms = common.alwaysScrapeClassicHistograms ?? false
        if let fallback = settings.fallbackScrapeProtocol {
            assembly.fallbackFormat = fallback.format
        }
        let names: NameValidation =
            common.metricNameValidationScheme == "legacy" ? .legacy : .utf8
        relabel = try ScrapeJob.rules(
            settings.relabelConfigs, names, host, "\(path).relabel_configs")
        metricRelabel = try ScrapeJob.rules(
            settings.metricRelabelConfigs, names, host, "\(path).metric_relabel_configs")
        externalLabels = external
        http = settings.http
        discovery = settings.discovery
        try checkTargets(path)
    }

    /// As Prometheus: without rules that make an address of it, a URL is none.
    private func checkTargets(_ path: String) throws(ComponentError) {
        guard relabel.isEmpty else { return }
        for (index, group) in (discovery.staticConfigs ?? []).enumerated() {
            for (place, target) in group.targets.enumerated() where target.contains("/") {
                throw ScrapeJob.misfit(
                    "\(path).static_configs[\(index)].targets[\(place)]",
                    "found \"\(target.prefix(200))\", expected host:port; what else a URL has belongs "
                        + "in scheme, metrics_path and params")
            }
        }
    }

    private static func rules(
        _ rules: [RelabelRule], _ names: NameValidation, _ host: Host, _ path: String
    ) throws(ComponentError) -> RelabelRules {
        try RelabelRules(rules, host: host, names: names, path: "settings: \(path)")
    }

    /// Interval and timeout in nanoseconds, as Prometheus fills them in: a timeout that was not
    /// asked for is never longer than the interval, one that was must not be.
    private static func times(
        _ own: CommonScrapeSettings, _ global: CommonScrapeSettings, _ path: String
    ) throws(ComponentError) -> (interval: UInt64, timeout: UInt64) {
        let minute = PrometheusDuration(.seconds(60))
        let interval = own.scrapeInterval ?? global.scrapeInterval ?? minute
        guard interval.duration >= .milliseconds(1) else {
            throw misfit(
                "\(path).scrape_interval", "found \(interval.text), expected at least 1ms")
        }
        let inherited = global.scrapeTimeout ?? PrometheusDuration(.seconds(10))
        let timeout =
            own.scrapeTimeout ?? (inherited.duration > interval.duration ? interval : inherited)
        guard timeout.duration >= .milliseconds(1) else {
            throw misfit("\(path).scrape_timeout", "found \(timeout.text), expected at least 1ms")
        }
        guard timeout.duration <= interval.duration else {
            throw misfit(
                "\(path).scrape_timeout",
                "found \(timeout.text), expected at most scrape_interval, which is "
                    + "\(interval.text)")
        }
        return (interval.duration.clampedNanoseconds, timeout.duration.clampedNanoseconds)
    }

    private static func protocols(
        _ common: CommonScrapeSettings, _ path: String
    ) throws(ComponentError) -> [ScrapeProtocol] {
        guard let wanted = common.scrapeProtocols else {
            // Only protobuf carries native histograms.
            return (common.scrapeNativeHistograms ?? false ? [.proto] : []) + ScrapeProtocol.texts
        }
        guard !wanted.isEmpty else {
            throw misfit("\(path).scrape_protocols", "found none, expected at least one")
        }
        for (index, item) in wanted.enumerated() where wanted[..<index].contains(item) {
            throw misfit(
                "\(path).scrape_protocols[\(index)]", "found \(item.rawValue) for the second time")
        }
        return wanted
    }

    private static func escaping(
        _ common: CommonScrapeSettings, _ path: String
    ) throws(ComponentError) -> String {
        let isLegacy = common.metricNameValidationScheme == "legacy"
        let escaping = common.metricNameEscapingScheme ?? (isLegacy ? "underscores" : "allow-utf-8")
        if isLegacy, escaping == "allow-utf-8" {
            throw misfit(
                "\(path).metric_name_escaping_scheme",
                "found allow-utf-8, expected underscores, dots or values, because "
                    + "metric_name_validation_scheme is legacy")
        }
        return escaping
    }

    private static func refuse(_ absent: AbsentKeys?, _ prefix: String) throws(ComponentError) {
        guard let entry = absent?.found.first else { return }
        throw misfit(
            prefix + entry.key, "Weir does not have this setting: remove it; \(entry.advice)")
    }

    private static func misfit(_ path: String, _ message: String) -> ComponentError {
        .invalid("settings: \(path): \(message)")
    }
}
