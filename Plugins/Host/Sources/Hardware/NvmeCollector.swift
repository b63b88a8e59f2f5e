import WeirSDK

/// NVMe devices.
struct NvmeCollector: Collector {
    let name = "nvme"

    func collect(_ files: HostFiles, into metrics: inout Metrics) throws(CollectorFailure) {
        let base = files.sysPath("class/nvme")
        let devices = Folder.names(base)
        guard !devices.isEmpty else { throw .noData("there is no NVMe device in \(base)") }
        for device in devices {
            guard let folder = try? Folder("\(base)/\(device)", files.reader) else { continue }
            metrics.gauge(
                "node_nvme_info", help: "An NVMe device; the value is 1.", 1,
                [
                    "device": .string(device),
                    "firmware_revision": .string(folder.label("firmware_rev")),
                    "model": .string(folder.label("model")),
                    "serial": .string(folder.label("serial")),
                    "state": .string(folder.label("state")),
                ])
        }
    }
}
