import WeirSDK

/// Interrupts, context switches, forks, boot time, processes.
struct StatCollector: Collector {
    let name = "stat"

    func collect(_ files: HostFiles, into metrics: inout Metrics) throws(CollectorFailure) {
        var text = try files.proc("stat")
        while var line = text.nextLine() {
            guard let key = line.nextField(), let value = line.nextField()?.unsigned else {
                continue
            }
            if key == "intr" {
                metrics.counter("node_intr_total", help: "Interrupts that were served.", value)
            } else if key == "ctxt" {
                metrics.counter("node_context_switches_total", help: "Context switches.", value)
            } else if key == "processes" {
                metrics.counter("node_forks_total", help: "Processes that were made.", value)
            } else if key == "btime" {
                metrics.gauge(
                    "node_boot_time_seconds", help: "When the machine booted, in Unix time.", value)
            } else if key == "procs_running" {
                metrics.gauge("node_procs_running", help: "Processes that can run.", value)
            } else if key == "procs_blocked" {
                metrics.gauge("node_procs_blocked", help: "Processes that wait for I/O.", value)
            }
        }
    }
}
