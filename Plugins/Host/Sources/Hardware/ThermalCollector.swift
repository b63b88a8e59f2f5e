import WeirSDK

/// Thermal zones and what cools them.
struct ThermalCollector: Collector {
    let name = "thermal_zone"

    func collect(_ files: HostFiles, into metrics: inout Metrics) throws(CollectorFailure) {
        let base = files.sysPath("class/thermal")
        for entry in Folder.names(base) {
            guard let folder = try? Folder("\(base)/\(entry)", files.reader) else { continue }
            let kind = folder.label("type")
            if entry.hasPrefix("thermal_zone"), let temperature = folder.integer("temp") {
                metrics.gauge(
                    "node_thermal_zone_temp", help: "Temperature in degrees Celsius.",
                    Double(temperature) / 1000,
                    [
                        "zone": .string(String(entry.dropFirst("thermal_zone".count))),
                        "type": .string(kind),
                    ])
            } else if entry.hasPrefix("cooling_device") {
                let labels: Attributes = [
                    "name": .string(String(entry.dropFirst("cooling_device".count))),
                    "type": .string(kind),
                ]
                if let state = folder.integer("cur_state") {
                    metrics.gauge(
                        "node_cooling_device_cur_state", help: "How hard it cools.", state, labels)
                }
                if let state = folder.integer("max_state") {
                    metrics.gauge(
                        "node_cooling_device_max_state", help: "How hard it can cool.", state,
                        labels)
                }
            }
        }
    }
}
