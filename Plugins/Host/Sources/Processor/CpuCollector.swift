import WeirSDK

/// What each processor did with its time, from /proc/stat.
struct CpuCollector: Collector {
    let name = "cpu"
    /// /proc/stat counts in hundredths of a second, whatever the kernel's own tick is.
    private static let ticks = 100.0
    private static let modes = [
        "user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal",
    ]
    /// user, nice, ..., steal, guest, guest_nice
    private typealias Times = [Double]
    private var last: [String: Times] = [:]

    mutating func collect(_ files: HostFiles, into metrics: inout Metrics)
        throws(CollectorFailure)
    {
        var text = try files.proc("stat")
        var found: [String: Times] = [:]
        while var line = text.nextLine() {
            guard let key = line.nextField(), key.hasPrefix("cpu"), key.count > 3 else { continue }
            let cpu = key.dropFirst(3).string
            var times = Times(repeating: 0, count: 10)
            for index in times.indices {
                // Old kernels have fewer.
                guard let field = line.nextField() else { break }
                guard let value = field.unsigned else {
                    throw .failed("/proc/stat: found '\(field.string)', expected a number")
                }
                times[index] = Double(value) / CpuCollector.ticks
            }
            times = risen(times, from: last[cpu])
            found[cpu] = times
            for (index, mode) in CpuCollector.modes.enumerated() {
                metrics.counter(
                    "node_cpu_seconds_total", help: "Seconds that a processor spent in a mode.",
                    times[index], ["cpu": .string(cpu), "mode": .string(mode)])
            }
            for (index, mode) in [(8, "user"), (9, "nice")] {
                metrics.counter(
                    "node_cpu_guest_seconds_total",
                    help:
                        "Seconds that a processor spent in guests, which are also in user and nice.",
                    times[index], ["cpu": .string(cpu), "mode": .string(mode)])
            }
        }
        guard !found.isEmpty else { throw .failed("/proc/stat names no processor") }
        last = found
        throttles(files, &metrics)
    }

    /// idle and iowait go back by a little now and then, which a counter must not. A processor that
    /// went and came again begins anew.
    private func risen(_ times: Times, from last: Times?) -> Times {
        guard let last, times[3] > last[3] - 3 else { return times }
        return zip(times, last).map { max($0, $1) }
    }

    private func throttles(_ files: HostFiles, _ metrics: inout Metrics) {
        let base = files.sysPath("devices/system/cpu")
        // A core has the same counter in each of its threads.
        var seen: Set<String> = []
        for cpu in Folder.names(base)
        where cpu.hasPrefix("cpu") && cpu.dropFirst(3).allSatisfy(\.isNumber) {
            guard let throttle = try? Folder("\(base)/\(cpu)/thermal_throttle", files.reader),
                let topology = try? Folder("\(base)/\(cpu)/topology", files.reader),
                let package = topology.integer("physical_package_id"),
                let core = topology.integer("core_id")
            else { continue }
            if let count = throttle.unsigned("core_throttle_count"),
                seen.insert("\(package) \(core)").inserted
            {
                metrics.counter(
                    "node_cpu_core_throttles_total",
                    help: "How often a core was slowed down because of heat.", count,
                    ["core": .string("\(core)"), "package": .string("\(package)")])
            }
            if let count = throttle.unsigned("package_throttle_count"),
                seen.insert("\(package)").inserted
            {
                metrics.counter(
                    "node_cpu_package_throttles_total",
                    help: "How often a package was slowed down because of heat.", count,
                    .one("package", "\(package)"))
            }
        }
    }
}
