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

    /// Asks all to end before it waits for one: a later process may hold the descriptor by whose end
    /// Foundation sees that an earlier one has ended.
    static func stop(_ children: [Child]) {
        for child in children { child.process.terminate() }
        for child in children { child.process.waitUntilExit() }
    }

    var figures: ProcessFigures { ProcessFigures(id: process.processIdentifier) }

    /// User and system time so far, of all threads, seconds.
    var cpu: Double { figures.cpu }

    /// `VmRSS`, `VmHWM` and their like, bytes.
    func memory(_ key: String) -> Int { figures.memory(key) }
}
