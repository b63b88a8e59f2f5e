import Foundation
import NIOCore

/// A process under test.
final class Child {
    private let process = Process()
    let started = NIODeadline.now()

    init(_ path: String, _ arguments: [String], output: String) throws {
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        let file = FileHandle(forWritingAtPath: output)
        process.standardOutput = file
        process.standardError = file
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    var isRunning: Bool { process.isRunning }

    /// Asks it to end, and waits.
    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    /// User and system time so far, of all threads, seconds.
    var cpu: Double {
        // Everything behind the last ")": the name in between may hold anything.
        let text = proc("stat")
        guard let end = text.lastIndex(of: ")") else { return 0 }
        let fields = text[end...].split(separator: " ").dropFirst()
        guard fields.count > 13, let user = Double(fields[fields.startIndex + 11]),
            let system = Double(fields[fields.startIndex + 12])
        else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// `VmRSS`, `VmHWM` and their like, bytes.
    func memory(_ key: String) -> Int {
        for line in proc("status").split(separator: "\n") where line.hasPrefix(key + ":") {
            let number = line.split(whereSeparator: { !$0.isNumber }).first
            return (number.flatMap { Int($0) } ?? 0) * 1024
        }
        return 0
    }

    private func proc(_ name: String) -> String {
        let path = "/proc/\(process.processIdentifier)/\(name)"
        return (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
}
