import Foundation

/// What the kernel says of a process, as it asks: a process that is gone has none of anything.
struct ProcessFigures: Sendable {
    let id: Int32

    /// User and system time so far, of all threads, seconds.
    var cpu: Double {
        let fields = statistics
        guard fields.count > 13, let user = Double(fields[11]), let system = Double(fields[12])
        else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// `VmRSS`, `VmHWM` and their like, bytes.
    func memory(_ key: String) -> Int { kilobytes(key, "status") * 1024 }

    /// Resident memory, bytes, in which pages that several processes have are shared out among them.
    var proportional: Int { kilobytes("Pss", "smaps_rollup") * 1024 }

    /// Of the resident memory what is in no file, bytes: it cannot be dropped and read again.
    var anonymous: Int { kilobytes("Anonymous", "smaps_rollup") * 1024 }

    /// The processes that it has started and that still run.
    var children: [ProcessFigures] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.map { ProcessFigures(id: $0) }
            .filter { $0.statistics.dropFirst().first.flatMap { Int32($0) } == id }
    }

    /// The fields of `stat` from the third on: what is before may hold anything.
    private var statistics: [Substring] {
        let text = file("stat")
        guard let end = text.lastIndex(of: ")") else { return [] }
        return Array(text[end...].split(separator: " ").dropFirst())
    }

    private func kilobytes(_ key: String, _ name: String) -> Int {
        for line in file(name).split(separator: "\n") where line.hasPrefix(key + ":") {
            let number = line.split(whereSeparator: { !$0.isNumber }).first
            return number.flatMap { Int($0) } ?? 0
        }
        return 0
    }

    private func file(_ name: String) -> String {
        (try? String(contentsOfFile: "/proc/\(id)/\(name)", encoding: .utf8)) ?? ""
    }
}
