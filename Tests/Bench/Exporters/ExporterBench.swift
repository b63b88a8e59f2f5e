import Foundation
import NIOCore
import NIOPosix
import WeirNet

/// One weir with all exporters, beside the programs that people run for the same today.
struct ExporterBench {
    var weir: String
    var plugins: String
    /// Between two collections; CPU is told for `statedInterval`.
    var interval: Int
    var seconds: Double
    /// A path from the root.
    var folder: String
    static let statedInterval = 15
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    private let ports = (page: 24411, admin: 24412, first: 24421)

    init(weir: String, plugins: String, interval: Int, seconds: Double, folder: String) {
        self.weir = weir
        self.plugins = plugins
        self.interval = interval
        self.seconds = seconds
        self.folder = folder
    }

    /// What some processes needed together.
    struct Usage: Sendable {
        var processes = 0
        /// CPU seconds in an hour, at `statedInterval`.
        var cpuPerHour = 0.0
        /// Bytes.
        var resident = 0
        var proportional = 0
        var anonymous = 0
        /// On the last pages.
        var series = 0

        mutating func add(_ process: ProcessFigures) {
            processes += 1
            resident += process.memory("VmRSS")
            proportional += process.proportional
            anonymous += process.anonymous
        }
    }

    struct Result: Sendable {
        /// All eight, those of them that have a counterpart, and the counterparts.
        var eight: Usage
        var four: Usage
        var counterparts: Usage
    }

    func measure() async throws -> Result {
        let servers = WatchedServers(folder: folder + "/exporters")
        try await servers.start(group: group)
        do {
            let eight = try await runWeir(servers, counterparts: false)
            let four = try await runWeir(servers, counterparts: true)
            let others = try await runCounterparts(servers)
            try await servers.stop()
            return Result(eight: eight, four: four, counterparts: others)
        } catch {
            try? await servers.stop()
            throw error
        }
    }

    private func runWeir(_ servers: WatchedServers, counterparts: Bool) async throws -> Usage {
        let exporters = servers.exporters(every: interval, counterparts: counterparts)
        let path = folder + "/exporters.yaml"
        let text = """
            exporters:
            \(exporters.map { "  \($0.id): \($0.yaml)" }.joined(separator: "\n"))
            sinks:
              prometheus: {endpoint: "127.0.0.1:\(ports.page)"}
            service:
              telemetry: {metrics: {address: "127.0.0.1:\(ports.admin)"}}
              pipelines:
                metrics:
                  exporters: [\(exporters.map(\.id).joined(separator: ", "))]
                  sinks: [prometheus]

            """
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let child = try Child(
            weir, ["run", "--config", path], environment: ["WEIR_PLUGIN_PATH": plugins],
            output: folder + "/exporters.log")
        defer { child.stop() }
        return try await watch([child], [("127.0.0.1:\(ports.page)", "/metrics")])
    }

    private func runCounterparts(_ servers: WatchedServers) async throws -> Usage {
        let modules = folder + "/blackbox.yml"
        try "modules: {http_2xx: {prober: http, http: {preferred_ip_protocol: ip4}}}\n"
            .write(toFile: modules, atomically: true, encoding: .utf8)
        let listen = (0..<4).map { "127.0.0.1:\(ports.first + $0)" }
        let redis = "redis://127.0.0.1:\(WatchedServers.ports.redis)"
        let programs: [(String, [String], [String: String])] = [
            (
                "postgres", ["--web.listen-address=\(listen[0])"],
                ["DATA_SOURCE_NAME": servers.database]
            ),
            ("redis", ["-web.listen-address", listen[1], "-redis.addr", redis], [:]),
            ("node", ["--web.listen-address=\(listen[2])"], [:]),
            (
                "blackbox", ["--web.listen-address=\(listen[3])", "--config.file=\(modules)"], [:]
            ),
        ]
        var children: [Child] = []
        defer { Child.stop(children) }
        for (name, arguments, environment) in programs {
            children.append(
                try Child(
                    "/usr/bin/prometheus-\(name)-exporter", arguments, environment: environment,
                    output: "\(folder)/\(name)-exporter.log"))
        }
        let paths = ["/metrics", "/metrics", "/metrics", "/probe?target=\(servers.page)"]
        return try await watch(children, Array(zip(listen, paths)))
    }

    /// Scrapes the pages at every interval, and measures once start-up is over.
    private func watch(
        _ children: [Child], _ pages: [(server: String, path: String)]
    ) async throws -> Usage {
        let clients = try pages.map { page in
            let target = try TargetURL(parsing: "http://\(page.server)")
            return try HTTPClient(
                options: ClientOptions(target: target, version: .http1), group: group.next())
        }
        var usage = Usage()
        let start = ContinuousClock.now
        // weir gives back what starting needed at the latest 20 s after it is ready.
        let warm = start + .seconds(max(25, 2 * interval + 5))
        let end = warm + .seconds(seconds)
        var cpu: (all: Double, at: ContinuousClock.Instant)?
        while ContinuousClock.now < end {
            try await Task.sleep(for: .seconds(interval))
            if cpu == nil, ContinuousClock.now >= warm {
                cpu = (Self.processes(children).reduce(0) { $0 + $1.cpu }, .now)
            }
            usage.series = 0
            for (client, page) in zip(clients, pages) {
                usage.series += try await Self.series(client, page.path)
            }
        }
        for client in clients { try await client.close().get() }
        guard let cpu else { throw BenchError("measured for too short a time") }
        let all = Self.processes(children)
        let used = all.reduce(0) { $0 + $1.cpu } - cpu.all
        let lasted = (ContinuousClock.now - cpu.at) / .seconds(1)
        usage.cpuPerHour = used / lasted * 3600 * Double(interval) / Double(Self.statedInterval)
        for process in all { usage.add(process) }
        return usage
    }

    /// The children, and what they have started.
    private static func processes(_ children: [Child]) -> [ProcessFigures] {
        children.flatMap { [$0.figures] + $0.figures.children }
    }

    private static func series(_ client: HTTPClient, _ path: String) async throws -> Int {
        let answer = await withCheckedContinuation { continuation in
            client.send(ClientRequest(method: "GET", path: path, parts: [])) {
                continuation.resume(returning: $0)
            }
        }
        // A program that has just started does not listen yet.
        guard case .success(let response) = answer, response.status == 200 else { return 0 }
        return response.body.readableBytesView.split(separator: UInt8(ascii: "\n"))
            .count { $0.first != UInt8(ascii: "#") }
    }
}
