import WeirSDK

/// /proc/meminfo, each line a metric.
struct MeminfoCollector: Collector {
    let name = "meminfo"
    /// Names by line, as the kernel wrote them last time.
    private var known: [(key: Text, metric: String)] = []

    mutating func collect(_ files: HostFiles, into metrics: inout Metrics)
        throws(CollectorFailure)
    {
        var text = try files.proc("meminfo")
        var index = 0
        while var line = text.nextLine() {
            guard let key = line.take(until: UInt8(ascii: ":")),
                let value = line.nextField()?.unsigned
            else { throw .failed("/proc/meminfo: found '\(line.string)', expected a number") }
            let unit = line.nextField()
            if index >= known.count || !(known[index].key == key) {
                known.removeSubrange(min(index, known.count)...)
                known.append((key, MeminfoCollector.metric(key, hasUnit: unit != nil)))
            }
            metrics.gauge(
                known[index].metric, help: "A line of /proc/meminfo.",
                Double(value) * (unit == nil ? 1 : 1024))
            index += 1
        }
    }

    /// `Active(anon)` is `node_memory_Active_anon_bytes`.
    private static func metric(_ key: Text, hasUnit: Bool) -> String {
        var name = "node_memory_"
        for character in key.string {
            switch character {
            case "(": name += "_"
            case ")": break
            default: name.append(character)
            }
        }
        return hasUnit ? name + "_bytes" : name
    }
}
