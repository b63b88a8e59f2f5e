import WeirSDK

/// Pressure stall information: how long processes waited for processors, memory, I/O.
struct PressureCollector: Collector {
    let name = "pressure"

    func collect(_ files: HostFiles, into metrics: inout Metrics) throws(CollectorFailure) {
        for resource in ["cpu", "io", "memory"] {
            var text = try files.proc("pressure/\(resource)")
            while var line = text.nextLine() {
                guard let kind = line.nextField(), line.take(until: UInt8(ascii: "=")) != nil
                else { continue }
                // The last of avg10=, avg60=, avg300=, total=, in microseconds.
                while line.take(until: UInt8(ascii: "=")) != nil {}
                guard let total = line.trimmed.unsigned else {
                    throw .failed("/proc/pressure/\(resource) has no total")
                }
                if kind == "some" {
                    metrics.counter(
                        "node_pressure_\(resource)_waiting_seconds_total",
                        help: "Seconds in which some process waited for it.", Double(total) / 1e6)
                } else if kind == "full", resource != "cpu" {
                    metrics.counter(
                        "node_pressure_\(resource)_stalled_seconds_total",
                        help: "Seconds in which all processes waited for it.", Double(total) / 1e6)
                }
            }
        }
    }
}
