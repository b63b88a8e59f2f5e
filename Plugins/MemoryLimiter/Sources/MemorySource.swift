import WeirSDK

/// Where the numbers come from: the system, or a test.
protocol MemorySource: Sendable {
    init()
    /// Bytes of memory that the process has in use now.
    func resident() throws(ComponentError) -> Int
    /// The memory that the process may have: its cgroup's, else the machine's.
    func available() throws(ComponentError) -> Int
    /// Gives what is free back to the system.
    func trim()
}

/// The process as Linux shows it.
struct SystemMemory: MemorySource {
    private let files = SystemFiles()

    func resident() throws(ComponentError) -> Int {
        // size resident shared text lib data dt, in pages.
        let path = "/proc/self/statm"
        let text = files.read(path) ?? ""
        let fields = text.split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else {
            throw .unsupported(
                "\(path): found \"\(text.prefix(40))\", expected numbers of pages: memory_limiter "
                    + "needs /proc, mount it or remove the processor")
        }
        return pages * files.pageSize
    }

    func available() throws(ComponentError) -> Int {
        let groups = CgroupMemory(files.read).limit()
        let machine = machineMemory(files.read("/proc/meminfo") ?? "")
        switch (groups, machine) {
        case (let groups?, let machine?): return min(groups, machine)
        case (let groups?, nil): return groups
        case (nil, let machine?): return machine
        case (nil, nil):
            throw .unsupported(
                "found no memory limit of a cgroup and no MemTotal in /proc/meminfo, expected one "
                    + "of them: set limit_mib in the place of limit_percentage")
        }
    }

    func trim() { files.trim() }
}

/// `MemTotal` of `/proc/meminfo`, in bytes.
func machineMemory(_ meminfo: String) -> Int? {
    for line in meminfo.split(separator: "\n") where line.hasPrefix("MemTotal:") {
        let fields = line.split(separator: " ")
        guard fields.count == 3, fields[2] == "kB" else { return nil }
        return Int(fields[1]).map { $0 * 1024 }
    }
    return nil
}
