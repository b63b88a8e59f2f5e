import WeirSDK

/// Traffic of network interfaces, from /proc/net/dev.
struct NetdevCollector: Collector {
    let name = "netdev"
    private static let columns = [
        "receive_bytes", "receive_packets", "receive_errs", "receive_drop", "receive_fifo",
        "receive_frame", "receive_compressed", "receive_multicast", "transmit_bytes",
        "transmit_packets", "transmit_errs", "transmit_drop", "transmit_fifo", "transmit_colls",
        "transmit_carrier", "transmit_compressed",
    ].map { "node_network_\($0)_total" }

    private var devices: NameFilter

    init(_ settings: HostExporterSettings, _ host: Host) throws(ComponentError) {
        devices = try NameFilter(
            settings.netdev.deviceExclude, excludes: true, "netdev.device_exclude", host)
    }

    mutating func collect(_ files: HostFiles, into metrics: inout Metrics)
        throws(CollectorFailure)
    {
        var text = try files.net("dev")
        while var line = text.nextLine() {
            // Two lines of headings have no colon.
            guard let device = line.take(until: UInt8(ascii: ":"))?.trimmed.string,
                devices.lets(device)
            else { continue }
            let label = Attributes.one("device", device)
            for metric in NetdevCollector.columns {
                guard let value = line.nextField()?.unsigned else {
                    throw .failed("/proc/net/dev: \(device) has too few numbers")
                }
                metrics.counter(metric, help: "A column of /proc/net/dev.", value, label)
            }
            let file = files.sysPath("class/net/\(device)/statistics/rx_nohandler")
            if let value = (try? files.reader.read(file))?.trimmed.unsigned {
                metrics.counter(
                    "node_network_receive_nohandler_total",
                    help: "Packets that came in where nothing wanted them.", value, label)
            }
        }
    }
}
