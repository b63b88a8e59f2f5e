import WeirSDK

/// Packets that each processor took from the network cards, from /proc/net/softnet_stat.
struct SoftnetCollector: Collector {
    let name = "softnet"

    func collect(_ files: HostFiles, into metrics: inout Metrics) throws(CollectorFailure) {
        var text = try files.net("softnet_stat")
        var row: UInt64 = 0
        while var line = text.nextLine() {
            var columns: [UInt64] = []
            while let field = line.nextField() {
                guard let value = field.hexadecimal else {
                    throw .failed("/proc/net/softnet_stat: found '\(field.string)'")
                }
                columns.append(value)
            }
            guard columns.count >= 3 else {
                throw .failed("/proc/net/softnet_stat has fewer than three columns")
            }
            // Kernels since 5.10 name the processor; before, one that is offline shifts the others.
            let label = Attributes.one("cpu", "\(columns.count >= 13 ? columns[12] : row)")
            metrics.counter(
                "node_softnet_processed_total", help: "Packets that were processed.", columns[0],
                label)
            metrics.counter(
                "node_softnet_dropped_total", help: "Packets that were dropped.", columns[1],
                label)
            metrics.counter(
                "node_softnet_times_squeezed_total",
                help: "How often packets were left for later, because the quota was used up.",
                columns[2], label)
            row += 1
        }
    }
}
