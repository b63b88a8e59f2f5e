import Foundation
import WeirTestKit

/// A program that runs to its end.
struct Command {
    var program: String
    var arguments: [String]
    var environment: [String: String] = [:]
    var folder: String?
    /// Seconds; a program that takes longer is killed, and fails.
    var limit = 120.0

    struct Result {
        var status: Int32
        var output: String
        var errors: String
    }

    init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:],
        folder: String? = nil, limit: Double = 120
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.folder = folder
        self.limit = limit
    }

    static func weir(_ arguments: String..., limit: Double = 60) async throws -> Result {
        try await Command(
            Build.weir, arguments, environment: ["WEIR_PLUGIN_PATH": Build.plugins], limit: limit
        ).run()
    }

    static func shell(
        _ script: String, folder: String? = nil, environment: [String: String] = [:],
        limit: Double = 120
    ) async throws -> Result {
        try await Command(
            "/bin/bash", ["-e", "-c", script], environment: environment, folder: folder,
            limit: limit
        ).run()
    }

    func run() async throws -> Result {
        let files = try TemporaryFolder()
        let process = try start(output: "\(files.path)/output", errors: "\(files.path)/errors")
        guard await process.ended(within: limit) else {
            process.kill()
            throw Failure("\(program) \(arguments) did not end within \(limit) s")
        }
        return Result(
            status: process.status, output: try files.read("output"),
            errors: try files.read("errors"))
    }

    /// Starts it; output goes to files, which nothing can fill up as it can a pipe.
    func start(output: String, errors: String) throws -> RunningProcess {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = Build.environment.merging(environment) { $1 }
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
        process.standardInput = FileHandle.nullDevice
        let out = try opened(output)
        process.standardOutput = out
        process.standardError = errors == output ? out : try opened(errors)
        try process.run()
        return RunningProcess(process)
    }

    /// Opened as a shell does it: `createFile` puts a new file in the place of what is there, and so
    /// in that of /dev/null.
    private func opened(_ path: String) throws -> FileHandle {
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw Failure("cannot write to \(path)") }
        return FileHandle(fileDescriptor: file, closeOnDealloc: true)
    }
}

/// A process that was started.
struct RunningProcess {
    private let process: Process

    init(_ process: Process) { self.process = process }

    var id: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }
    /// The exit status, or 128 + the signal that ended it.
    var status: Int32 {
        process.terminationReason == .exit
            ? process.terminationStatus : 128 + process.terminationStatus
    }

    func terminate() { process.terminate() }
    func kill() { Foundation.kill(id, SIGKILL) }

    func ended(within seconds: Double) async -> Bool {
        await eventually(within: seconds) { !process.isRunning }
    }
}

/// Asks again and again until the answer is yes, or the time is up.
func eventually(within seconds: Double, _ isTrue: () async -> Bool) async -> Bool {
    let limit = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < limit {
        if await isTrue() { return true }
        try? await Task.sleep(for: .milliseconds(10))
    }
    return await isTrue()
}
