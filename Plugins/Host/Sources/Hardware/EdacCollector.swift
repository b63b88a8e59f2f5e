import WeirSDK

/// Errors that memory found, corrected or not.
struct EdacCollector: Collector {
    let name = "edac"

    func collect(_ files: HostFiles, into metrics: inout Metrics) throws(CollectorFailure) {
        let base = files.sysPath("devices/system/edac/mc")
        for entry in Folder.names(base) where entry.hasPrefix("mc") {
            guard let folder = try? Folder("\(base)/\(entry)", files.reader) else { continue }
            let controller = Attributes.one("controller", String(entry.dropFirst(2)))
            count(folder, "ce_count", "node_edac_correctable_errors_total", controller, &metrics)
            count(folder, "ue_count", "node_edac_uncorrectable_errors_total", controller, &metrics)
            rows(folder, "noinfo_", controller.adding("csrow", "unknown"), &metrics)
            for row in Folder.names("\(base)/\(entry)") where row.hasPrefix("csrow") {
                guard let inner = try? Folder("\(base)/\(entry)/\(row)", files.reader) else {
                    continue
                }
                let number = Attributes.Value.string(String(row.dropFirst("csrow".count)))
                rows(inner, "", controller.adding("csrow", number), &metrics)
            }
        }
    }

    private func rows(
        _ folder: borrowing Folder, _ infix: String, _ labels: Attributes,
        _ metrics: inout Metrics
    ) {
        count(
            folder, "ce_\(infix)count", "node_edac_csrow_correctable_errors_total", labels,
            &metrics)
        count(
            folder, "ue_\(infix)count", "node_edac_csrow_uncorrectable_errors_total", labels,
            &metrics)
    }

    private func count(
        _ folder: borrowing Folder, _ file: String, _ metric: String, _ labels: Attributes,
        _ metrics: inout Metrics
    ) {
        guard let value = folder.unsigned(file) else { return }
        metrics.counter(metric, help: "Errors of memory.", value, labels)
    }
}
