import Foundation
import Glibc
import WeirTestKit

/// A real nats-server with JetStream, on a port and in a folder of its own, stopped when it is
/// released.
final class NatsServer: @unchecked Sendable {  // a test uses it on one thread
    let port: Int
    let folder: TemporaryFolder
    private var process = Process()
    private let arguments: [String]

    var endpoint: String { "nats://127.0.0.1:\(port)" }

    convenience init(_ arguments: String...) throws { try self.init(configuration: nil, arguments) }

    /// - Parameter configuration: what stands in the server's file.
    init(configuration: String?, _ arguments: [String] = []) throws {
        port = LoopbackSocket.freePort()
        folder = try TemporaryFolder()
        let file = try folder.write(configuration ?? "", to: "nats.conf")
        self.arguments = arguments + ["-c", file]
        try start()
    }

    deinit { stop() }

    func start() throws {
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/sbin/nats-server")
        process.arguments =
            [
                "-js", "-sd", folder.path("data"), "-a", "127.0.0.1", "-p", "\(port)", "-l",
                folder.path("log"),
            ] + arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        for _ in 0..<2000 {
            let log = (try? String(contentsOfFile: folder.path("log"), encoding: .utf8)) ?? ""
            if log.hasSuffix("Server is ready\n") { return }
            usleep(5000)
        }
        throw TestFailure("nats-server did not start")
    }

    /// - Parameter signal: with SIGTERM it writes down what was delivered, and to whom; with SIGKILL
    ///   it delivers some again.
    func stop(_ signal: Int32 = SIGKILL) {
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        // So that the next start is not taken for this one.
        try? "".write(toFile: folder.path("log"), atomically: false, encoding: .utf8)
    }
}

/// Waits for what comes about elsewhere.
func eventually(within seconds: Double = 20, _ condition: () -> Bool) -> Bool {
    let end = Date().addingTimeInterval(seconds)
    while Date() < end {
        if condition() { return true }
        usleep(5000)
    }
    return condition()
}
