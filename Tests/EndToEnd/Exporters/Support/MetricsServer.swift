import Foundation
import WeirTestKit

/// A process that serves /metrics: `weir exporter NAME`, or the exporter that it stands in for. It is
/// killed when this is released.
final class MetricsServer {
    let name: String
    let port: Int
    let folder: TemporaryFolder
    private let process: RunningProcess

    /// Starts a program and waits until something answers on its port.
    ///
    /// - Parameter arguments: what the program gets, made from the port that it is to listen on.
    init(
        _ program: String, arguments: (_ port: Int) -> [String],
        environment: [String: String] = [:]
    ) async throws {
        name = String(program.split(separator: "/").last ?? "")
        port = try await freePorts(1)[0]
        folder = try TemporaryFolder()
        let log = "\(folder.path)/log"
        process = try Command(
            program, arguments(port), environment: environment, folder: folder.path
        ).start(output: log, errors: log)
        let (process, url) = (process, "http://127.0.0.1:\(port)/")
        let answers = await eventually(within: 30) {
            guard process.isRunning else { return true }
            return (try? await Answer.get(url)) != nil
        }
        guard answers, process.isRunning else {
            throw Failure("\(program) \(arguments(port)) did not start:\n\(self.log)")
        }
    }

    /// `weir exporter NAME --listen 127.0.0.1:PORT ARGUMENTS...`
    ///
    /// - Parameter environment: what `${env:X}` in the arguments finds, for instance.
    static func weir(
        _ name: String, _ arguments: [String] = [], environment: [String: String] = [:]
    ) async throws -> MetricsServer {
        try await MetricsServer(
            Build.weir,
            arguments: { ["exporter", name, "--listen", "127.0.0.1:\($0)"] + arguments },
            environment: ["WEIR_PLUGIN_PATH": Build.plugins].merging(environment) { $1 })
    }

    deinit { if process.isRunning { process.kill() } }

    var log: String { (try? folder.read("log")) ?? "" }
    /// The process's id, for /proc.
    var id: Int32 { process.id }
    var isRunning: Bool { process.isRunning }
    var openFiles: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/fd").count) ?? 0
    }
    var residentBytes: Int {
        let text = (try? String(contentsOfFile: "/proc/\(id)/statm", encoding: .utf8)) ?? ""
        return text.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 4096 }
            ?? 0
    }

    func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    /// The page, parsed; throws unless it is a 200.
    func metrics(_ path: String = "/metrics", headers: [String] = []) async throws -> Exposition {
        do {
            return try await Self.metrics(url(path), headers: headers)
        } catch {
            throw Failure("\(error)\n\(log)")
        }
    }

    static func metrics(_ url: String, headers: [String] = []) async throws -> Exposition {
        let answer = try await Answer.get(url, headers: headers)
        guard answer.status == 200 else {
            throw Failure("\(url): \(answer.status) \(answer.text)")
        }
        return try Exposition(answer.text)
    }

    func get(_ path: String, headers: [String] = []) async throws -> Answer {
        try await Answer.get(url(path), headers: headers)
    }

    /// SIGTERM, and the exit status.
    func stop(within seconds: Double = 10) async throws -> Int32 {
        process.terminate()
        guard await process.ended(within: seconds) else {
            throw Failure("\(name) did not end within \(seconds) s:\n\(log)")
        }
        return process.status
    }
}

/// An answer over HTTP, of any status.
struct Answer: Sendable {
    var status: Int
    /// By lower-case name.
    var headers: [String: String]
    /// Unpacked, where it came compressed.
    var text: String

    static func get(
        _ url: String, headers: [String] = [], seconds: Int = 30
    ) async throws -> Answer {
        let result = try await Command(
            "/usr/bin/curl",
            ["-s", "-i", "--compressed", "-m", String(seconds), url]
                + headers.flatMap { ["-H", $0] }
        ).run()
        guard result.status == 0 else {
            throw Failure("GET \(url): curl ended with \(result.status)")
        }
        let page = result.output.replacing("\r\n", with: "\n")
        guard let end = page.firstRange(of: "\n\n") else { throw Failure("\(url): no head") }
        let lines = page[..<end.lowerBound].split(separator: "\n")
        var answer = Answer(
            status: lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0,
            headers: [:], text: String(page[end.upperBound...]))
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { continue }
            answer.headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        return answer
    }
}
