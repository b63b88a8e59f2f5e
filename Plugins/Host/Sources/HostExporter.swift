package import WeirSDK

/// What node_exporter says of a machine, under its names.
@safe package final class HostExporter: Exporter, @unchecked Sendable {
    // Sendable: collect() is called one at a time, and nothing else touches what changes.
    private let host: Host
    private let files: HostFiles
    private var collectors: [any Collector]
    private let log: SparseLog

    package convenience init(
        settings: HostExporterSettings, host: Host
    ) throws(ComponentError) {
        let asker = MountAsker(patience: settings.filesystem.mountTimeout)
        try self.init(settings, asker, ContainerCollector(), host)
    }

    init(
        _ settings: HostExporterSettings, _ asker: MountAsker, _ container: ContainerCollector,
        _ host: Host
    ) throws(ComponentError) {
        self.host = host
        files = HostFiles(settings)
        log = SparseLog(host)
        collectors = try HostExporter.chosen(
            try HostExporter.all(settings, asker, container, host), settings)
    }

    /// In the order of their names, which is the order in which they run.
    private static func all(
        _ settings: HostExporterSettings, _ asker: MountAsker, _ container: ContainerCollector,
        _ host: Host
    ) throws(ComponentError) -> [any Collector] {
        [
            ArpCollector(), BondingCollector(), ConntrackCollector(), container, CpuCollector(),
            CpufreqCollector(), try DiskstatsCollector(settings, host), DmiCollector(),
            EdacCollector(), EntropyCollector(), FilefdCollector(),
            try FilesystemCollector(settings, asker, host), HwmonCollector(), LoadCollector(),
            MdadmCollector(), MeminfoCollector(), try NetclassCollector(settings, host),
            try NetdevCollector(settings, host), try NetstatCollector(settings, host),
            NvmeCollector(), OsCollector(), PressureCollector(), RaplCollector(),
            SchedstatCollector(), SelinuxCollector(), SockstatCollector(), SoftnetCollector(),
            StatCollector(), TextfileCollector(settings, host), ThermalCollector(),
            TimeCollector(host: host), TimexCollector(), UdpQueuesCollector(), UnameCollector(),
            try VmstatCollector(settings, host),
        ]
    }

    private static func chosen(
        _ all: [any Collector], _ settings: HostExporterSettings
    ) throws(ComponentError) -> [any Collector] {
        let names = Set(all.map(\.name))
        for name in settings.collectors + settings.excludeCollectors where !names.contains(name) {
            throw .invalid(
                "there is no collector '\(name)'; there are \(names.sorted().joined(separator: ", "))"
            )
        }
        let excluded = Set(settings.excludeCollectors)
        let wanted = settings.collectors.isEmpty ? names : Set(settings.collectors)
        return all.filter { wanted.contains($0.name) && !excluded.contains($0.name) }
    }

    package func collect(
        into metrics: inout Metrics, deadline: Deadline
    ) throws(ComponentError) {
        metrics.usesPrometheusNames = true
        for index in collectors.indices {
            let start = host.monotonic
            if host.hasPassed(deadline) || host.isCancelled {
                throw .timeout(
                    "the time is over before collector '\(collectors[index].name)' could run; "
                        + "raise timeout, or leave out what is slow with exclude_collectors "
                        + "(node_scrape_collector_duration_seconds says what that is)")
            }
            files.timeLeft = host.remaining(until: deadline)
            var isWell = true
            do throws(CollectorFailure) {
                try collectors[index].collect(files, into: &metrics)
            } catch {
                isWell = false
                let name = collectors[index].name
                // What a machine does not have is no news.
                if case .failed(let reason) = error { log.warn("collector \(name): \(reason)") }
                if case .noData(let reason) = error {
                    host.log(.debug, "collector \(name): \(reason)")
                }
            }
            let label = Attributes.one("collector", collectors[index].name)
            metrics.gauge(
                "node_scrape_collector_duration_seconds", help: "How long a collector took.",
                Double(host.monotonic - start) / 1e9, label)
            metrics.gauge(
                "node_scrape_collector_success", help: "1: the collector had all to say.",
                isWell ? 1 : 0, label)
        }
        metrics.gauge(
            "node_exporter_build_info", help: "Who made these metrics; the value is 1.", 1,
            [
                "version": .string(plugin.version), "revision": "", "branch": "weir",
                "goversion": "", "goos": "linux", "goarch": .string(architecture),
            ])
    }

    private var architecture: String {
        #if arch(arm64)
            "arm64"
        #else
            "amd64"
        #endif
    }
}
