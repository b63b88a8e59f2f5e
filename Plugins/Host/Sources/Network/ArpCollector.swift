import WeirSDK

/// Neighbours by interface, from /proc/net/arp.
struct ArpCollector: Collector {
    let name = "arp"

    func collect(_ files: HostFiles, into metrics: inout Metrics) throws(CollectorFailure) {
        var text = try files.net("arp")
        _ = text.nextLine()
        var counts: [String: Int] = [:]
        while var line = text.nextLine() {
            guard line.skipFields(5), let device = line.nextField() else { continue }
            counts[device.string, default: 0] += 1
        }
        for (device, count) in counts.sorted(by: { $0.key < $1.key }) {
            metrics.gauge(
                "node_arp_entries", help: "Neighbours that are known.", count,
                .one("device", device))
        }
    }
}
