import Glibc
import WeirSDK

/// Whether SELinux is on.
struct SelinuxCollector: Collector {
    let name = "selinux"

    func collect(_ files: HostFiles, into metrics: inout Metrics) throws(CollectorFailure) {
        let mode = (try? files.reader.read(files.sysPath("fs/selinux/enforce")))?.trimmed.integer
        metrics.gauge("node_selinux_enabled", help: "1: SELinux is on.", mode == nil ? 0 : 1)
        guard let mode else { return }
        metrics.gauge(
            "node_selinux_current_mode", help: "1: enforcing, 0: permissive.", mode)
        guard var text = try? files.reader.read(files.root + "/etc/selinux/config") else { return }
        while var line = text.nextLine() {
            guard line.hasPrefix("SELINUX="), line.take(until: UInt8(ascii: "=")) != nil else {
                continue
            }
            let configured = line.trimmed
            metrics.gauge(
                "node_selinux_config_mode",
                help: "As configured: 1 enforcing, 0 permissive, -1 off.",
                configured == "enforcing" ? 1 : configured == "permissive" ? 0 : -1)
        }
    }
}
