import WeirSDK

/// Load averages.
struct LoadCollector: Collector {
    let name = "loadavg"

    func collect(_ files: HostFiles, into metrics: inout Metrics) throws(CollectorFailure) {
        var text = try files.proc("loadavg")
        for minutes in [1, 5, 15] {
            guard let load = text.nextField()?.number else {
                throw .failed("/proc/loadavg has no three numbers")
            }
            metrics.gauge("node_load\(minutes)", help: "Load average of \(minutes) min.", load)
        }
    }
}
