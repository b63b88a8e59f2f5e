import WeirSDK

/// Limits and use of the container that this runs in, under cAdvisor's names.
struct ContainerCollector: Collector {
    let name = "container"
    /// Of this process, and not under the prefix of the machine.
    private let groupsFile: String
    private let mount: String
    private var group: ControlGroup?

    init(groupsFile: String = "/proc/self/cgroup", mount: String = "/sys/fs/cgroup") {
        self.groupsFile = groupsFile
        self.mount = mount
    }

    mutating func collect(_ files: HostFiles, into metrics: inout Metrics)
        throws(CollectorFailure)
    {
        let group: ControlGroup
        if let known = self.group {
            group = known
        } else {
            group = ControlGroup(try files.reader.read(groupsFile), mount: mount, files.reader)
            self.group = group
        }
        let use = group.read(files.reader)
        guard use != ControlGroup.Use() else {
            throw .noData("\(mount) has no control group of this process with limits or use")
        }
        let id = Attributes.one("id", group.path)
        write(use.memory, id, &metrics)
        write(use.cpu, id, &metrics)
        if let count = use.processes {
            metrics.gauge("container_processes", help: "Processes and threads.", count, id)
        }
        if let limit = use.processLimit {
            metrics.gauge("container_threads_max", help: "Threads that may be.", limit, id)
        }
    }

    private func write(
        _ memory: ControlGroup.MemoryUse, _ id: Attributes, _ metrics: inout Metrics
    ) {
        let gauges: [(String, String, UInt64?)] = [
            ("usage_bytes", "Memory in use, with the cache of files.", memory.used),
            (
                "working_set_bytes", "Memory in use, without files that nobody used of late.",
                memory.used.map { $0 - min($0, memory.inactiveFiles) }
            ),
            ("rss", "Bytes of memory that are no cache of files.", memory.anonymous),
            ("cache", "Bytes of the cache of files.", memory.files),
            ("mapped_file", "Bytes of files that are mapped.", memory.mapped),
            ("swap", "Bytes that were swapped out.", memory.swap),
            ("max_usage_bytes", "Most memory that was in use.", memory.highest),
        ]
        for (name, help, value) in gauges {
            guard let value else { continue }
            metrics.gauge("container_memory_\(name)", help: help, value, id)
        }
        if memory.used != nil {
            metrics.gauge(
                "container_spec_memory_limit_bytes", help: "Memory that may be used; 0: no limit.",
                memory.limit ?? 0, id)
        }
        if let failures = memory.failures {
            metrics.counter(
                "container_memory_failcnt", help: "How often memory reached its limit.", failures,
                id)
        }
        if let kills = memory.kills {
            metrics.counter(
                "container_oom_events_total", help: "Processes killed for lack of memory.", kills,
                id)
        }
    }

    private func write(_ cpu: ControlGroup.CpuUse, _ id: Attributes, _ metrics: inout Metrics) {
        if let total = cpu.total {
            metrics.counter(
                "container_cpu_usage_seconds_total", help: "Processor time that was used.", total,
                id.adding("cpu", "total"))
        }
        let times: [(String, String, Double?)] = [
            ("user_seconds_total", "Processor time in user mode.", cpu.user),
            ("system_seconds_total", "Processor time in the kernel.", cpu.system),
            ("cfs_throttled_seconds_total", "Time in which it had to wait.", cpu.throttled),
        ]
        for (name, help, value) in times {
            guard let value else { continue }
            metrics.counter("container_cpu_\(name)", help: help, value, id)
        }
        let counts: [(String, String, UInt64?)] = [
            ("cfs_periods_total", "Periods that the quota is for.", cpu.periods),
            (
                "cfs_throttled_periods_total", "Periods in which the quota was used up.",
                cpu.throttledPeriods
            ),
        ]
        for (name, help, value) in counts {
            guard let value else { continue }
            metrics.counter("container_cpu_\(name)", help: help, value, id)
        }
        let limits: [(String, String, UInt64?)] = [
            ("quota", "Microseconds of processor time in a period; missing: no limit.", cpu.quota),
            ("period", "Microseconds that the quota is for.", cpu.period),
            ("shares", "Weight among others.", cpu.shares),
        ]
        for (name, help, value) in limits {
            guard let value else { continue }
            metrics.gauge("container_spec_cpu_\(name)", help: help, value, id)
        }
    }
}
