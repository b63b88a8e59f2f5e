import WeirSDK

/// Open files of the whole machine.
struct FilefdCollector: Collector {
    let name = "filefd"

    func collect(_ files: HostFiles, into metrics: inout Metrics) throws(CollectorFailure) {
        var text = try files.proc("sys/fs/file-nr")
        guard let allocated = text.nextField()?.unsigned, text.skipFields(1),
            let maximum = text.nextField()?.unsigned
        else { throw .failed("/proc/sys/fs/file-nr has no three numbers") }
        metrics.gauge("node_filefd_allocated", help: "Files that are open.", allocated)
        metrics.gauge("node_filefd_maximum", help: "Files that can be open.", Double(maximum))
    }
}
