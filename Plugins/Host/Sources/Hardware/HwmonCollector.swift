import WeirSDK

/// Sensors: temperatures, fans, voltages, from /sys/class/hwmon.
struct HwmonCollector: Collector {
    let name = "hwmon"

    func collect(_ files: HostFiles, into metrics: inout Metrics) throws(CollectorFailure) {
        let base = files.sysPath("class/hwmon")
        let entries = Folder.names(base)
        guard !entries.isEmpty else { throw .noData("there is no sensor in \(base)") }
        for entry in entries {
            let path = "\(base)/\(entry)"
            guard let folder = try? Folder(path, files.reader) else { continue }
            let chip = HwmonCollector.chip(path, folder, entry)
            if let name = folder.text("name")?.string {
                metrics.gauge(
                    "node_hwmon_chip_names", help: "The name of a chip; the value is 1.", 1,
                    ["chip": .string(chip), "chip_name": .string(HwmonNaming.clean(name))])
            }
            read(folder, Folder.names(path), chip, &metrics)
            // Old drivers put the sensors one folder deeper.
            if let device = try? Folder("\(path)/device", files.reader) {
                read(device, Folder.names("\(path)/device"), chip, &metrics)
            }
        }
    }

    private func read(
        _ folder: borrowing Folder, _ names: [String], _ chip: String, _ metrics: inout Metrics
    ) {
        for file in names {
            guard let sensor = HwmonNaming(file), let text = folder.text(file) else { continue }
            let labels: Attributes = ["chip": .string(chip), "sensor": .string(sensor.sensor)]
            if sensor.property == "label" {
                metrics.gauge(
                    "node_hwmon_sensor_label", help: "The label of a sensor; the value is 1.", 1,
                    labels.adding("label", .string(text.string)))
                continue
            }
            guard let value = text.number, let metric = sensor.metric else { continue }
            if metric.isCounter {
                metrics.counter(
                    metric.name, help: "A reading of a sensor.", value * metric.factor, labels)
            } else {
                metrics.gauge(
                    metric.name, help: "A reading of a sensor.", value * metric.factor, labels)
            }
        }
    }

    /// `platform_coretemp_0`: the bus and the name of the device; else the name of the chip.
    private static func chip(_ path: String, _ folder: borrowing Folder, _ entry: String) -> String
    {
        // ../../devices/platform/coretemp.0/hwmon/hwmon0
        let link = Folder.target(of: path) ?? ""
        let device = Folder.target(of: "\(path)/device").map { target in
            target.split(separator: "/").last.map(String.init) ?? ""
        }
        if let device, !device.isEmpty, device != "..", device != "." {
            let steps = link.split(separator: "/").map(String.init)
            if let position = steps.lastIndex(of: device), position > 0 {
                return HwmonNaming.clean(steps[position - 1]) + "_" + HwmonNaming.clean(device)
            }
            return HwmonNaming.clean(device)
        }
        return HwmonNaming.clean(folder.text("name")?.string ?? entry)
    }
}
