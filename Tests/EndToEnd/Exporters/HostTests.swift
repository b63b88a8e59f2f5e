import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// The host exporter and Debian's node_exporter on the same machine.
    @Test(.timeLimit(.minutes(2))) func hostIsLikeNodeExporter() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "# HELP backup_age_seconds Age.\n# TYPE backup_age_seconds gauge\nbackup_age_seconds{db=\"a\"} 12\n",
            to: "backup.prom")
        let ours = try await MetricsServer.weir(
            "host", ["--set", "textfile.directory=\(folder.path)"])
        let theirs = try await MetricsServer(
            "/usr/bin/prometheus-node-exporter",
            arguments: {
                [
                    "--web.listen-address=127.0.0.1:\($0)",
                    "--collector.textfile.directory=\(folder.path)",
                ]
            })
        let parity = try await Parity.compare(ours, theirs, HostParity.terms, within: 30)
        try ParityPage(
            "host", counterpart: "prometheus-node-exporter 1.5.0 (Debian 12)", parity
        ).check(isComplete: false)
        let page = try await ours.metrics()
        // Where there is no limit, there is no quota.
        let byMachine: Set = ["container_spec_cpu_quota"]
        for name in try metricNames(inShared: "host", prefixes: ["node_", "container_"])
        where !byMachine.contains(name) {
            #expect(page.has(name), "\(name) is in share/, and nobody has it")
        }
    }

    /// Asked a hundred times it has as many descriptors and about as much memory as before.
    @Test(.timeLimit(.minutes(2))) func hostLeaksNothing() async throws {
        let ours = try await MetricsServer.weir("host")
        for _ in 0..<10 { _ = try await ours.metrics() }
        let (files, memory) = (ours.openFiles, ours.residentBytes)
        for _ in 0..<100 { _ = try await ours.metrics() }
        #expect(ours.openFiles <= files + 2)
        #expect(ours.residentBytes <= memory + 4 << 20)
    }
}

enum HostParity {
    static let terms = Parity.Terms(
        differences: [
            "node_xfs_*": "collector xfs is not here",
            "node_btrfs_*": "collector btrfs is not here",
            "node_bcache_*": "collector bcache is not here",
            "node_zfs_*": "collector zfs is not here", "node_nfs_*": "collector nfs is not here",
            "node_nfsd_*": "collector nfsd is not here",
            "node_ipvs_*": "collector ipvs is not here",
            "node_infiniband_*": "collector infiniband is not here",
            "node_fibrechannel_*": "collector fibrechannel is not here",
            "node_tape_*": "collector tapestats is not here",
            "node_systemd_*": "collector systemd is not here",
            "node_power_supply_*": "collector powersupplyclass is not here",
        ],
        remarks: [
            "node_exporter_build_info": "made by Weir: there is no Go and no revision to name",
            "container_*": "cAdvisor's names, for the container that Weir runs in",
            "node_scrape_collector_*": "of the collectors that both have",
        ],
        stable: [
            "node_memory_MemTotal_bytes", "node_boot_time_seconds", "node_filesystem_size_bytes",
            "node_filesystem_readonly", "node_filesystem_device_error", "node_uname_info",
            "node_os_info", "node_os_version", "node_disk_info", "node_network_info",
            "node_network_mtu_bytes", "node_network_flags", "node_network_speed_bytes",
            "node_network_up", "node_filefd_maximum", "node_entropy_pool_size_bits",
            "node_time_zone_offset_seconds", "node_time_clocksource_*", "node_selinux_enabled",
            "node_nf_conntrack_entries_limit", "node_timex_tick_seconds", "backup_age_seconds",
            "node_textfile_*",
        ])
}
