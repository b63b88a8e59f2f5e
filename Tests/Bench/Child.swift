import Foundation
import NIOCore

/// A process under test.
final class Child {
    private let process = Process()
    let started = NIODeadline.now()

    init(
        _ path: String, _ arguments: [String], environment: [String: String] = [:], output: String
    ) throws {
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        let file = FileHandle(forWritingAtPath: output)
        process.standardOutput = file
        process.standardError = file
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    var isRunning: Bool { process.isRunning }

    /// Asks it to end, and waits.
    func stop() { Self.stop([self]) }

    /// Asks all to end, and waits. Not by `waitUntilExit`: Foundation sees an end by that of a
    /// descriptor, which any process started later holds open, too.
    static func stop(_ children: [Child]) {
        for child in children { child.process.terminate() }
        for child in children {
            // Who was started on a thread that blocks signals blocks them, too, unless it sees to it:
            // redis-server does not.
            for _ in 0..<10_000 where child.figures.isRunning { usleep(1000) }
            while child.figures.isRunning {
                kill(child.process.processIdentifier, SIGKILL)
                usleep(1000)
            }
        }
    }

    var figures: ProcessFigures { ProcessFigures(id: process.processIdentifier) }

    /// User and system time so far, of all threads, seconds.
    var cpu: Double { figures.cpu }

    /// `VmRSS`, `VmHWM` and their like, bytes.
    func memory(_ key: String) -> Int { figures.memory(key) }
}
