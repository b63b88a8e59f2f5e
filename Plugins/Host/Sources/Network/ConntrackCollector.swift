import WeirSDK

/// Connection tracking.
struct ConntrackCollector: Collector {
    let name = "conntrack"
    private static let statistics = [
        "found", "invalid", "ignore", "insert", "insert_failed", "drop", "early_drop",
        "search_restart",
    ]

    func collect(_ files: HostFiles, into metrics: inout Metrics) throws(CollectorFailure) {
        for (file, metric, help) in [
            ("count", "node_nf_conntrack_entries", "Connections that are tracked."),
            ("max", "node_nf_conntrack_entries_limit", "Connections that can be tracked."),
        ] {
            guard
                let value = try files.proc("sys/net/netfilter/nf_conntrack_\(file)").trimmed
                    .unsigned
            else { throw .failed("nf_conntrack_\(file) is not a number") }
            metrics.gauge(metric, help: help, value)
        }
        // A line for each processor, in hexadecimal, below the names.
        guard var text = try? files.net("stat/nf_conntrack"), var names = text.nextLine() else {
            return
        }
        var columns: [Int?] = []
        while let name = names.nextField() {
            columns.append(ConntrackCollector.statistics.firstIndex { name.string == $0 })
        }
        var sums = [UInt64](repeating: 0, count: ConntrackCollector.statistics.count)
        while var line = text.nextLine() {
            for column in columns {
                guard let field = line.nextField() else { break }
                if let column, let value = field.hexadecimal { sums[column] &+= value }
            }
        }
        for (statistic, sum) in zip(ConntrackCollector.statistics, sums) {
            metrics.gauge(
                "node_nf_conntrack_stat_\(statistic)", help: "A statistic of connection tracking.",
                sum)
        }
    }
}
