import Foundation
import Testing
import WeirTestKit

/// A SoftHSM with keys of its own, in a folder that goes with it.
final class SoftHSM {
    static let module = "/usr/lib/softhsm/libsofthsm2.so"
    static let pin = "4711-secret"

    let folder: TemporaryFolder
    var configuration: String { folder.path("softhsm2.conf") }

    /// - Parameter keys: arguments of pkcs11-tool, a line for each call.
    init(label: String = "weir test", keys: [String] = []) throws {
        folder = try TemporaryFolder()
        let tokens = try folder.makeFolder("tokens")
        try folder.write(
            "directories.tokendir = \(tokens)\nobjectstore.backend = file\nlog.level = ERROR\n",
            to: "softhsm2.conf")
        try addToken(label)
        for line in keys { try tool(line, label: label) }
    }

    func addToken(_ label: String) throws {
        try run(
            "/usr/bin/softhsm2-util",
            [
                "--init-token", "--free", "--label", label, "--so-pin", "so-secret", "--pin",
                Self.pin,
            ])
    }

    func tool(_ line: String, label: String) throws {
        try run(
            "/usr/bin/pkcs11-tool",
            ["--module", Self.module, "--token-label", label, "--login", "--pin", Self.pin]
                + line.split(separator: " ").map(String.init))
    }

    /// A certificate of 30 days, on the token.
    func addCertificate(label: String, token: String) throws {
        let path = folder.path("certificate")
        try run(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", path + ".key", "-out", path + ".der", "-outform", "DER", "-days", "30",
                "-subj", "/O=Weir/CN=signing.example",
            ])
        try tool("--write-object \(path).der --type cert --label \(label) --id 07", label: token)
    }

    @discardableResult
    func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.environment = ["PATH": "/usr/bin:/bin", "SOFTHSM2_CONF": configuration]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Missing("\(program) \(arguments): \(text)")
        }
        return text
    }

    struct Missing: Error, CustomStringConvertible {
        var description: String
        init(_ description: String) { self.description = description }
    }
}

/// A module in C that does what a file says: `hang`, `crash`, `removed`, or works.
final class OddModule {
    let folder: TemporaryFolder
    var path: String { folder.path("odd.so") }
    var mood: String { folder.path("mood") }
    var logins: Int {
        (try? String(contentsOfFile: mood + ".logins", encoding: .utf8))?.count ?? 0
    }

    init() throws {
        folder = try TemporaryFolder()
        let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "odd.c")
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/gcc")
        process.arguments = ["-shared", "-fPIC", "-Wall", "-Werror", "-o", path, source.path]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw SoftHSM.Missing("gcc \(source.path)") }
        try set("well")
    }

    func set(_ mood: String) throws {
        try folder.write(mood, to: "mood")
    }
}
