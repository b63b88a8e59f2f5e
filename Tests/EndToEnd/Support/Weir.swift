import Foundation
import WeirTestKit

/// A running `weir run`, with ports and a folder of its own.
final class Weir {
    let folder: TemporaryFolder
    let admin: Int
    private let process: RunningProcess

    /// Starts it and waits until it is ready. In the configuration, `ADMIN` stands for the port of
    /// the admin endpoint and `FOLDER` for the folder; `service.telemetry` is added where it has
    /// none.
    init(
        _ configuration: String, arguments: [String] = [], plugins: [String] = [],
        program: String = Build.weir,
        environment: [String: String] = ["WEIR_PLUGIN_PATH": Build.plugins],
        waits: Bool = true
    ) async throws {
        folder = try TemporaryFolder()
        admin = try await freePorts(1)[0]
        let text = Self.complete(configuration, folder: folder.path, admin: admin)
        let file = try folder.write(text, to: "weir.yaml")
        process = try Command(
            program,
            ["run", "--config", file] + arguments + plugins.flatMap { ["--plugin-path", $0] },
            environment: environment
        ).start(output: "\(folder.path)/weir.log", errors: "\(folder.path)/weir.log")
        if waits { try await waitUntilReady() }
    }

    deinit { if process.isRunning { process.kill() } }

    private static func complete(_ configuration: String, folder: String, admin: Int) -> String {
        var text = configuration.replacing("FOLDER", with: folder)
            .replacing("ADMIN", with: String(admin))
        if !text.contains("telemetry:") {
            text.replace(
                "service:\n",
                with: "service:\n  telemetry: {metrics: {address: \"127.0.0.1:\(admin)\"}}\n",
                maxReplacements: 1)
        }
        return text
    }

    /// Writes another configuration where the first one lies.
    func write(_ configuration: String) throws {
        try folder.write(complete(configuration), to: "weir.yaml")
    }

    /// A configuration with its folder and port.
    func complete(_ configuration: String) -> String {
        Self.complete(configuration, folder: folder.path, admin: admin)
    }

    /// A sample on /metrics: "process_open_fds".
    func value(_ sample: String) async throws -> Int {
        let page = await get("/metrics")?.text ?? ""
        let line = page.split(separator: "\n").first { $0.hasPrefix(sample + " ") }
        guard let line, let value = Double(line.dropFirst(sample.count + 1)) else {
            throw Failure("there is no \(sample) in:\n\(page)")
        }
        return Int(value)
    }

    func hangUp() { Foundation.kill(process.id, SIGHUP) }

    var log: String { (try? folder.read("weir.log")) ?? "" }
    var isRunning: Bool { process.isRunning }

    /// `VmRSS`, `VmHWM` and their like, in KiB.
    func memory(_ key: String) -> Int {
        let status =
            (try? String(contentsOfFile: "/proc/\(process.id)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix(key + ":") } ?? ""
        return Int(line.filter(\.isNumber)) ?? 0
    }

    func waitUntilReady() async throws {
        let isReady = await eventually(within: 20) {
            guard process.isRunning else { return true }
            return await get("/health/ready")?.status == 200
        }
        guard isReady, process.isRunning else { throw Failure("weir did not start:\n\(log)") }
    }

    /// Asks the admin endpoint.
    func get(
        _ path: String, method: String = "GET", headers: [String] = []
    ) async -> (status: Int, text: String)? {
        let result = try? await Command(
            "/usr/bin/curl",
            ["-s", "-m", "20", "-X", method, "-w", "\n%{http_code}"]
                + headers.flatMap { ["-H", $0] } + ["http://127.0.0.1:\(admin)\(path)"]
        ).run()
        guard let result, result.status == 0, let end = result.output.lastIndex(of: "\n"),
            let status = Int(result.output[result.output.index(after: end)...])
        else { return nil }
        return (status, String(result.output[..<end]))
    }

    func logs(_ text: String, within seconds: Double = 10) async -> Bool {
        await eventually(within: seconds) { log.contains(text) }
    }

    /// SIGKILL.
    func kill() { process.kill() }

    /// SIGTERM, and the exit status.
    func stop(within seconds: Double = 30) async throws -> Int32 {
        process.terminate()
        return try await end(within: seconds)
    }

    /// Waits for its end, and gives the exit status.
    func end(within seconds: Double = 30) async throws -> Int32 {
        guard await process.ended(within: seconds) else {
            throw Failure("weir did not end within \(seconds) s:\n\(log)")
        }
        return process.status
    }

    /// The lines of the ledger that it prints at the end.
    var ledger: [LedgerLine] {
        log.split(separator: "\n").compactMap { LedgerLine(String($0)) }
    }

    func items(_ what: String, _ item: String) -> Int {
        ledger.filter { $0.what == what && $0.item == item }.reduce(0) { $0 + $1.items }
    }
}

/// `  sink otlp: dropped 3 spans (retries_exhausted)`
struct LedgerLine: Equatable {
    var component: String
    var what: String
    var items: Int
    var item: String
    var reason: String?

    init?(_ line: String) {
        let pattern =
            #/^\s+(\S.*): (accepted|delivered|dropped|queued|held) (\d+) (span|log record|data point)s?(?: \((.*)\))?$/#
        guard let match = line.wholeMatch(of: pattern), let items = Int(match.3) else { return nil }
        component = String(match.1)
        what = String(match.2)
        self.items = items
        item = String(match.4)
        reason = match.5.map(String.init)
    }
}
