import WeirSDK

/// The lines of /proc/vmstat that are asked for.
struct VmstatCollector: Collector {
    let name = "vmstat"
    private var fields: NameFilter
    /// By line; `nil`: not asked for.
    private var known: [(key: Text, metric: String?)] = []

    init(_ settings: HostExporterSettings, _ host: Host) throws(ComponentError) {
        fields = try NameFilter(
            settings.vmstat.fields, excludes: false, "vmstat.fields", host)
    }

    mutating func collect(_ files: HostFiles, into metrics: inout Metrics)
        throws(CollectorFailure)
    {
        var text = try files.proc("vmstat")
        var index = 0
        while var line = text.nextLine() {
            guard let key = line.nextField() else { continue }
            if index >= known.count || !(known[index].key == key) {
                known.removeSubrange(min(index, known.count)...)
                let name = key.string
                known.append((key, fields.lets(name) ? "node_vmstat_\(name)" : nil))
            }
            defer { index += 1 }
            guard let metric = known[index].metric else { continue }
            guard let value = line.nextField()?.unsigned else {
                throw .failed("/proc/vmstat: \(key.string) is not a number")
            }
            metrics.unknown(metric, help: "A line of /proc/vmstat.", value)
        }
    }
}
