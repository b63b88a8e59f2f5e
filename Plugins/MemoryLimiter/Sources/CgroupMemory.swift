/// The memory limit of the control group that the process is in, version 2 or 1.
///
/// A group is bound by its ancestors, too, so the smallest limit on the way to the root counts.
/// In a container the path that the kernel names may lie outside of what is mounted; what is there
/// is read.
struct CgroupMemory {
    private let read: (String) -> String?

    /// - Parameter read: a file's text, `nil` where there is none.
    init(_ read: @escaping (String) -> String?) { self.read = read }

    /// In bytes; `nil` where nothing limits.
    func limit() -> Int? {
        var smallest: Int?
        for line in (read("/proc/self/cgroup") ?? "").split(separator: "\n") {
            // hierarchy:controllers:path
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let found: Int?
            if fields[0] == "0", fields[1].isEmpty {
                found = walk("/sys/fs/cgroup", fields[2], "memory.max")
            } else if fields[1].split(separator: ",").contains("memory") {
                found = walk("/sys/fs/cgroup/memory", fields[2], "memory.limit_in_bytes")
            } else {
                continue
            }
            if let found { smallest = min(smallest ?? found, found) }
        }
        return smallest
    }

    private func walk(_ mount: String, _ path: Substring, _ file: String) -> Int? {
        var steps = path.split(separator: "/")
        var smallest: Int?
        while true {
            let folder = ([Substring(mount)] + steps).joined(separator: "/")
            if let text = read(folder + "/" + file), let limit = number(text) {
                smallest = min(smallest ?? limit, limit)
            }
            guard steps.popLast() != nil else { return smallest }
        }
    }

    /// `max`, and in version 1 a number near 2^63, are no limit.
    private func number(_ text: String) -> Int? {
        let digits = text.prefix { $0.isNumber }
        guard let number = Int(digits), number > 0, number < 1 << 60 else { return nil }
        return number
    }
}
