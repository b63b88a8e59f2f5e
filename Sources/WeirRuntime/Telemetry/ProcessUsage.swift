import Glibc

/// What the system says of this process (/proc/self, getrusage).
package struct ProcessUsage: Sendable {
    package var cpuSeconds = 0.0
    package var residentBytes = 0
    package var virtualBytes = 0
    package var startedUnixSeconds = 0.0
    package var openFiles = 0
    package var maxFiles = 0

    package static func now() -> ProcessUsage {
        var usage = ProcessUsage()
        var times = rusage()
        unsafe getrusage(RUSAGE_SELF.rawValue, &times)
        usage.cpuSeconds = seconds(times.ru_utime) + seconds(times.ru_stime)
        let pages = text("/proc/self/statm").split(separator: " ").compactMap { Int($0) }
        let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
        if pages.count > 1 {
            usage.virtualBytes = pages[0] * pageSize
            usage.residentBytes = pages[1] * pageSize
        }
        usage.startedUnixSeconds = started
        usage.openFiles = fileCount()
        var limit = rlimit()
        if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            usage.maxFiles = Int(clamping: limit.rlim_cur)
        }
        return usage
    }

    /// Field 22 of /proc/self/stat in clock ticks since boot, and the boot's time.
    private static let started: Double = {
        let stat = text("/proc/self/stat")
        let afterName = stat.lastIndex(of: ")").map { stat[$0...] } ?? ""
        let fields = afterName.split(separator: " ")
        let boot = text("/proc/stat").split(separator: "\n")
            .first { $0.hasPrefix("btime ") }?.dropFirst(6)
        guard fields.count > 20, let ticks = Double(fields[20]), let boot, let base = Double(boot)
        else { return 0 }
        return base + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }()

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }

    private static func fileCount() -> Int {
        guard let directory = unsafe opendir("/proc/self/fd") else { return 0 }
        defer { unsafe closedir(directory) }
        var count = -3  // ".", ".." and the descriptor that reads
        while unsafe readdir(directory) != nil { count += 1 }
        return max(count, 0)
    }

    /// The start of a small file of /proc.
    private static func text(_ path: String) -> String {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 16384)
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe read(descriptor, $0.baseAddress, $0.count)
        }
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }
}
