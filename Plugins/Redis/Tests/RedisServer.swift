import Foundation
import Glibc
import WeirTestKit

/// A real redis-server on a port or socket of its own, stopped when it is released.
final class RedisServer: @unchecked Sendable {  // a test uses it on one thread, but for commands
    let port: Int
    let folder: TemporaryFolder
    private var process = Process()
    private let arguments: [String]

    var socket: String { folder.path("redis.sock") }

    convenience init(_ arguments: String...) throws { try self.init(arguments) }

    init(_ arguments: [String]) throws {
        port = LoopbackSocket.freePort()
        folder = try TemporaryFolder()
        self.arguments = arguments
        try start()
    }

    deinit { stop() }

    func start(_ more: String...) throws {
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/redis-server")
        process.arguments =
            [
                "--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--dir", folder.path,
                "--unixsocket", socket,
            ] + arguments + more
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        for _ in 0..<1000 {
            if FileManager.default.fileExists(atPath: socket) { break }
            usleep(5000)
        }
    }

    func stop() {
        // A child inherits which signals are blocked, and this one cannot be.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: socket)
    }

    @discardableResult func command(_ words: String...) throws -> String { try command(words) }

    @discardableResult func command(_ words: [String]) throws -> String {
        let client = Process()
        client.executableURL = URL(fileURLWithPath: "/usr/bin/redis-cli")
        client.arguments = ["-p", "\(port)"] + words
        let pipe = Pipe()
        client.standardOutput = pipe
        client.standardError = FileHandle.nullDevice
        try client.run()
        let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
        client.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self)
    }
}
