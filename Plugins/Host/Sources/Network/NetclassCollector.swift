import WeirSDK

/// Properties of network interfaces, from /sys/class/net.
struct NetclassCollector: Collector {
    let name = "netclass"
    private static let gauges = [
        ("addr_assign_type", "address_assign_type"), ("carrier", "carrier"),
        ("dev_id", "device_id"), ("dormant", "dormant"), ("flags", "flags"),
        ("ifindex", "iface_id"), ("iflink", "iface_link"), ("link_mode", "iface_link_mode"),
        ("mtu", "mtu_bytes"), ("name_assign_type", "name_assign_type"),
        ("netdev_group", "net_dev_group"), ("tx_queue_len", "transmit_queue_length"),
        ("type", "protocol_type"),
    ].map { (file: $0.0, metric: "node_network_\($0.1)") }
    private static let counters = [
        ("carrier_changes", "carrier_changes"), ("carrier_up_count", "carrier_up_changes"),
        ("carrier_down_count", "carrier_down_changes"),
    ].map { (file: $0.0, metric: "node_network_\($0.1)_total") }

    private var devices: NameFilter
    private let ignoresInvalidSpeed: Bool

    init(_ settings: HostExporterSettings, _ host: Host) throws(ComponentError) {
        devices = try NameFilter(
            settings.netclass.ignoredDevices, excludes: true, "netclass.ignored_devices", host)
        ignoresInvalidSpeed = settings.netclass.ignoreInvalidSpeed
    }

    mutating func collect(_ files: HostFiles, into metrics: inout Metrics)
        throws(CollectorFailure)
    {
        let base = files.sysPath("class/net")
        for device in Folder.names(base) where devices.lets(device) {
            // A file like bonding_masters, or an interface that has just gone.
            guard let folder = try? Folder("\(base)/\(device)", files.reader) else { continue }
            let label = Attributes.one("device", device)
            describe(folder, device, &metrics)
            for (file, metric) in NetclassCollector.gauges {
                guard let value = folder.integer(file) else { continue }
                metrics.gauge(metric, help: "A file of /sys/class/net.", value, label)
            }
            for (file, metric) in NetclassCollector.counters {
                guard let value = folder.integer(file) else { continue }
                metrics.counter(metric, help: "A file of /sys/class/net.", value, label)
            }
            // Mbit/s; -1 is "unknown".
            if let speed = folder.integer("speed"), speed >= 0 || !ignoresInvalidSpeed {
                metrics.gauge(
                    "node_network_speed_bytes", help: "Speed in bytes per second.",
                    Double(speed) * 125_000, label)
            }
        }
    }

    private func describe(
        _ folder: borrowing Folder, _ device: String, _ metrics: inout Metrics
    ) {
        let state = folder.label("operstate")
        metrics.gauge(
            "node_network_up", help: "1: the interface is up.", state == "up" ? 1 : 0,
            .one("device", device))
        metrics.gauge(
            "node_network_info", help: "Text of /sys/class/net; the value is 1.", 1,
            [
                "device": .string(device), "address": .string(folder.label("address")),
                "broadcast": .string(folder.label("broadcast")),
                "duplex": .string(folder.label("duplex")), "operstate": .string(state),
                "ifalias": .string(folder.label("ifalias")),
            ])
    }
}
