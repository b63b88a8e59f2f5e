/// The control group that this process is in: of its own container, whatever prefix the files of the
/// machine have.
struct ControlGroup {
    /// As in /proc/self/cgroup: `/`, `/kubepods/pod1/c1`.
    let path: String
    private let version2: String?
    private let memory: String?
    private let cpu: String?
    private let cpuacct: String?
    private let pids: String?

    /// - Parameters:
    ///   - groups: /proc/self/cgroup.
    ///   - mount: where control groups are mounted: /sys/fs/cgroup.
    init(_ groups: Text, mount: String, _ reader: FileReader) {
        var paths: [String: String] = [:]
        var groups = groups
        // 4:memory:/path, 1:cpu,cpuacct:/path; of version 2 0::/path
        while var line = groups.nextLine() {
            guard line.take(until: UInt8(ascii: ":")) != nil,
                let controllers = line.take(until: UInt8(ascii: ":"))?.string
            else { continue }
            for controller in controllers.split(separator: ",", omittingEmptySubsequences: false) {
                paths[String(controller)] = line.string
            }
        }
        /// The folder of a group: inside a container its path may be the one outside, and the mount
        /// the group itself.
        func folder(_ base: String, _ path: String?, has file: String) -> String? {
            guard let path else { return nil }
            let inner = path == "/" ? base : base + path
            return [inner, base].first { (try? reader.read("\($0)/\(file)")) != nil }
        }
        version2 =
            folder(mount, paths[""], has: "memory.current")
            ?? folder(mount, paths[""], has: "cpu.max")
        memory = folder("\(mount)/memory", paths["memory"], has: "memory.usage_in_bytes")
        cpu = folder("\(mount)/cpu", paths["cpu"], has: "cpu.cfs_period_us")
        cpuacct = folder("\(mount)/cpuacct", paths["cpuacct"], has: "cpuacct.usage")
        pids = folder("\(mount)/pids", paths["pids"], has: "pids.current")
        path = (version2 == nil ? paths["memory"] : paths[""]) ?? "/"
    }

    struct Use: Equatable {
        var memory = MemoryUse()
        var cpu = CpuUse()
        var processes: UInt64?
        var processLimit: UInt64?
    }

    /// Bytes.
    struct MemoryUse: Equatable {
        var used: UInt64?
        /// Of that, pages of files that nobody used of late.
        var inactiveFiles: UInt64 = 0
        var anonymous: UInt64?
        var files: UInt64?
        var mapped: UInt64?
        var swap: UInt64?
        var highest: UInt64?
        /// `nil`: none.
        var limit: UInt64?
        var failures: UInt64?
        var kills: UInt64?
    }

    /// Seconds, unless named otherwise.
    struct CpuUse: Equatable {
        var total: Double?
        var user: Double?
        var system: Double?
        /// Microseconds; `nil`: no limit.
        var quota: UInt64?
        var period: UInt64?
        var shares: UInt64?
        var periods: UInt64?
        var throttledPeriods: UInt64?
        var throttled: Double?
    }

    func read(_ reader: FileReader) -> Use {
        var use = Use()
        if let version2, let folder = try? Folder(version2, reader) {
            readVersion2(folder, &use)
            return use
        }
        if let memory, let folder = try? Folder(memory, reader) { readMemory(folder, &use.memory) }
        if let cpuacct, let folder = try? Folder(cpuacct, reader) {
            readAccounting(folder, &use.cpu)
        }
        if let cpu, let folder = try? Folder(cpu, reader) { readCpu(folder, &use.cpu) }
        if let pids, let folder = try? Folder(pids, reader) {
            use.processes = folder.unsigned("pids.current")
            use.processLimit = folder.unsigned("pids.max")
        }
        return use
    }
}
