import WeirSDK

/// Energy that the processors used, from /sys/class/powercap.
struct RaplCollector: Collector {
    let name = "rapl"

    func collect(_ files: HostFiles, into metrics: inout Metrics) throws(CollectorFailure) {
        let base = files.sysPath("class/powercap")
        let zones = Folder.names(base).filter { $0.contains("rapl:") }
        guard !zones.isEmpty else { throw .noData("there is no energy counter in \(base)") }
        var isDenied = false
        for zone in zones {
            guard let folder = try? Folder("\(base)/\(zone)", files.reader),
                let name = folder.text("name")?.string
            else { continue }
            guard let microjoules = folder.unsigned("energy_uj") else {
                isDenied = true
                continue
            }
            // package-0: the number is the index, and not of the name.
            let parts = name.split(separator: "-", maxSplits: 1)
            let hasIndex = parts.count == 2 && parts[1].allSatisfy(\.isNumber)
            let index =
                hasIndex
                ? String(parts[1])
                : zone.split(separator: ":").dropFirst().first.map(String.init) ?? "0"
            let metric = HwmonNaming.clean(hasIndex ? String(parts[0]) : name)
            metrics.counter(
                "node_rapl_\(metric)_joules_total", help: "Energy that was used.",
                Double(microjoules) / 1e6,
                ["index": .string(index), "path": .string("\(base)/\(zone)")])
        }
        if isDenied {
            throw .noData("the energy counters in \(base) can be read by root only")
        }
    }
}
