import WeirSDK

/// What the scheduler says of each processor, from /proc/schedstat.
struct SchedstatCollector: Collector {
    let name = "schedstat"

    func collect(_ files: HostFiles, into metrics: inout Metrics) throws(CollectorFailure) {
        var text = try files.proc("schedstat")
        while var line = text.nextLine() {
            guard let key = line.nextField(), key.hasPrefix("cpu"), line.skipFields(6),
                let running = line.nextField()?.unsigned, let waiting = line.nextField()?.unsigned,
                let slices = line.nextField()?.unsigned
            else { continue }
            let label = Attributes.one("cpu", key.dropFirst(3).string)
            metrics.counter(
                "node_schedstat_running_seconds_total",
                help: "Seconds that a processor ran processes.", Double(running) / 1e9, label)
            metrics.counter(
                "node_schedstat_waiting_seconds_total",
                help: "Seconds that processes waited for a processor.", Double(waiting) / 1e9,
                label)
            metrics.counter(
                "node_schedstat_timeslices_total", help: "Time slices that a processor gave.",
                slices, label)
        }
    }
}
