extension ControlGroup {
    /// Version 1 has no word for "no limit", but a number that no machine has.
    private static let noLimit: UInt64 = 1 << 60

    func readVersion2(_ folder: borrowing Folder, _ use: inout Use) {
        use.memory.used = folder.unsigned("memory.current")
        use.memory.limit = folder.unsigned("memory.max")
        use.memory.swap = folder.unsigned("memory.swap.current")
        use.memory.highest = folder.unsigned("memory.peak")
        let memory = ControlGroup.numbers(folder.text("memory.stat"))
        use.memory.inactiveFiles = memory["inactive_file"] ?? 0
        use.memory.anonymous = memory["anon"]
        use.memory.files = memory["file"]
        use.memory.mapped = memory["file_mapped"]
        let events = ControlGroup.numbers(folder.text("memory.events"))
        use.memory.failures = events["max"]
        use.memory.kills = events["oom_kill"]
        let cpu = ControlGroup.numbers(folder.text("cpu.stat"))
        use.cpu.total = cpu["usage_usec"].map { Double($0) / 1e6 }
        use.cpu.user = cpu["user_usec"].map { Double($0) / 1e6 }
        use.cpu.system = cpu["system_usec"].map { Double($0) / 1e6 }
        use.cpu.periods = cpu["nr_periods"]
        use.cpu.throttledPeriods = cpu["nr_throttled"]
        use.cpu.throttled = cpu["throttled_usec"].map { Double($0) / 1e6 }
        // max 100000
        if var limit = folder.text("cpu.max") {
            use.cpu.quota = limit.nextField()?.unsigned
            use.cpu.period = limit.nextField()?.unsigned
        }
        // The runtimes' formula for making a weight of shares, the other way round.
        use.cpu.shares = folder.unsigned("cpu.weight").map {
            2 + (max(1, min(10_000, $0)) - 1) * 262_142 / 9_999
        }
        use.processes = folder.unsigned("pids.current")
        use.processLimit = folder.unsigned("pids.max")
    }

    func readMemory(_ folder: borrowing Folder, _ use: inout MemoryUse) {
        use.used = folder.unsigned("memory.usage_in_bytes")
        use.limit = folder.unsigned("memory.limit_in_bytes").flatMap {
            $0 < ControlGroup.noLimit ? $0 : nil
        }
        use.highest = folder.unsigned("memory.max_usage_in_bytes")
        use.failures = folder.unsigned("memory.failcnt")
        let numbers = ControlGroup.numbers(folder.text("memory.stat"))
        use.inactiveFiles = numbers["total_inactive_file"] ?? numbers["inactive_file"] ?? 0
        use.anonymous = numbers["total_rss"] ?? numbers["rss"]
        use.files = numbers["total_cache"] ?? numbers["cache"]
        use.mapped = numbers["total_mapped_file"] ?? numbers["mapped_file"]
        use.swap = numbers["total_swap"] ?? numbers["swap"]
        use.kills = ControlGroup.numbers(folder.text("memory.oom_control"))["oom_kill"]
    }

    func readAccounting(_ folder: borrowing Folder, _ use: inout CpuUse) {
        use.total = folder.unsigned("cpuacct.usage").map { Double($0) / 1e9 }
        // In hundredths of a second.
        let numbers = ControlGroup.numbers(folder.text("cpuacct.stat"))
        use.user = numbers["user"].map { Double($0) / 100 }
        use.system = numbers["system"].map { Double($0) / 100 }
    }

    func readCpu(_ folder: borrowing Folder, _ use: inout CpuUse) {
        // -1 is no limit, and no number here.
        use.quota = folder.unsigned("cpu.cfs_quota_us")
        use.period = folder.unsigned("cpu.cfs_period_us")
        use.shares = folder.unsigned("cpu.shares")
        let numbers = ControlGroup.numbers(folder.text("cpu.stat"))
        use.periods = numbers["nr_periods"]
        use.throttledPeriods = numbers["nr_throttled"]
        use.throttled = numbers["throttled_time"].map { Double($0) / 1e9 }
    }

    /// Lines of a word and a number.
    static func numbers(_ text: Text?) -> [String: UInt64] {
        var numbers: [String: UInt64] = [:]
        guard var text else { return numbers }
        while var line = text.nextLine() {
            guard let key = line.nextField(), let value = line.nextField()?.unsigned else {
                continue
            }
            numbers[key.string] = value
        }
        return numbers
    }
}
