import Glibc
import WeirSDK

/// Sockets in use, from /proc/net/sockstat and sockstat6.
struct SockstatCollector: Collector {
    let name = "sockstat"
    private let pageSize = Int64(sysconf(Int32(_SC_PAGESIZE)))

    func collect(_ files: HostFiles, into metrics: inout Metrics) throws(CollectorFailure) {
        try read(files.net("sockstat"), &metrics)
        if let text = try? files.net("sockstat6") { try read(text, &metrics) }
    }

    /// `TCP: inuse 2 orphan 0 mem 386`
    private func read(_ text: Text, _ metrics: inout Metrics) throws(CollectorFailure) {
        var text = text
        while var line = text.nextLine() {
            guard let kind = line.take(until: UInt8(ascii: ":"))?.string else { continue }
            while let key = line.nextField() {
                guard let value = line.nextField()?.integer else {
                    throw .failed("/proc/net/sockstat: \(kind) \(key.string) has no number")
                }
                metrics.gauge(
                    "node_sockstat_\(kind)_\(key.string)",
                    help: "Sockets, or pages of their memory.",
                    value)
                // Pages.
                if key == "mem" {
                    metrics.gauge(
                        "node_sockstat_\(kind)_mem_bytes", help: "Memory of sockets.",
                        value &* pageSize)
                }
            }
        }
    }
}
