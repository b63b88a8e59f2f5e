import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// The exporters that people run, scraped by weir and by a real Prometheus: the same series.
    @Test(.timeLimit(.minutes(3))) func realExportersHaveTheSameSeries() async throws {
        let ports = try await freePorts(8)
        let prometheus = ports[7]
        let exporters = try await Exporters(ports: Array(ports[0..<7]))
        let jobs = exporters.targets.map { target in
            """
            - job_name: \(target.name)
              metrics_path: \(target.path)
              static_configs: [{targets: ["127.0.0.1:\(target.port)"]}]
            """
        }.joined(separator: "\n")
        let server = try await PrometheusServer(
            "global: {scrape_interval: 2s}\nscrape_configs:\n" + jobs, port: prometheus)
        let file = try exporters.folder.write(
            """
            global: {scrape_interval: 2s}
            scrape_configs:
            \(jobs)
            remote_write:
            - url: http://127.0.0.1:\(prometheus)/api/v1/write
              write_relabel_configs: [{target_label: way, replacement: weir}]
            """, to: "prometheus.yml")
        let log = "\(exporters.folder.path)/weir.log"
        let admin = try await freePorts(1)[0]
        let telemetry = try exporters.folder.write(
            "service: {telemetry: {metrics: {address: \"127.0.0.1:\(admin)\"}}}", to: "weir.yaml")
        let weir = try Command(
            Build.weir, ["run", "--prometheus", file, "--config", telemetry],
            environment: ["WEIR_PLUGIN_PATH": Build.plugins]
        ).start(output: log, errors: log)
        defer { weir.kill() }
        var missing: [String: [String]] = ["": ["nothing was scraped"]]
        let agree = await eventually(within: 60) {
            guard let found = try? await Self.series(server) else { return false }
            missing = [:]
            for target in exporters.targets {
                let (own, ours) = (
                    found["\(target.name) "] ?? [], found["\(target.name) weir"] ?? []
                )
                // Some series come and go between two scrapes; what stays must be in both.
                let odd = own.symmetricDifference(ours)
                if own.count < target.atLeast || odd.count > own.count / 100 {
                    missing[target.name] = ["\(own.count) series"] + odd.sorted().prefix(20)
                }
            }
            return missing.isEmpty
        }
        let text = (try? exporters.folder.read("weir.log")) ?? ""
        #expect(agree, "\(missing)\n\(text.suffix(3000))")
        let up = try await server.query("up{way=\"weir\"}")
        #expect(up.count == exporters.targets.count)
        #expect(up.allSatisfy { $0.value == "1" }, "\(up)")
    }

    /// Names and labels by "job way", without those labels.
    private static func series(_ server: PrometheusServer) async throws -> [String: Set<String>] {
        var result: [String: Set<String>] = [:]
        for series in try await server.query(#"{__name__=~".+"}"#) {
            var labels = series.labels
            let way = labels.removeValue(forKey: "way") ?? ""
            let job = labels.removeValue(forKey: "job") ?? ""
            // Prometheus 2 keeps bounds as a text exposition writes them, "1"; from 3 on, and here,
            // they are "1.0" always.
            for name in ["le", "quantile"] {
                if let bound = labels[name].flatMap({ Double($0) }) {
                    labels[name] = String(bound)
                }
            }
            let text = labels.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(
                separator: ",")
            result["\(job) \(way)", default: []].insert(text)
        }
        return result
    }
}

/// Real servers and their exporters, until it is released.
private final class Exporters {
    struct Target {
        var name: String
        var port: Int
        var path = "/metrics"
        /// Fewer series than this mean that the exporter does not see its server.
        var atLeast: Int
    }

    let folder: TemporaryFolder
    private(set) var targets: [Target] = []
    private var processes: [RunningProcess] = []

    init(ports: [Int]) async throws {
        folder = try TemporaryFolder()
        try start(
            "/usr/bin/prometheus-node-exporter", ["--web.listen-address=127.0.0.1:\(ports[0])"])
        targets.append(Target(name: "node", port: ports[0], atLeast: 300))
        try start(
            "/usr/bin/redis-server",
            ["--port", "\(ports[1])", "--save", "", "--dir", folder.path, "--bind", "127.0.0.1"])
        try start(
            "/usr/bin/prometheus-redis-exporter",
            [
                "-redis.addr", "redis://127.0.0.1:\(ports[1])", "-web.listen-address",
                "127.0.0.1:\(ports[2])",
            ])
        targets.append(Target(name: "redis", port: ports[2], atLeast: 150))
        try await startPostgreSQL(port: ports[3])
        try start(
            "/usr/bin/prometheus-postgres-exporter", ["--web.listen-address=127.0.0.1:\(ports[4])"],
            [
                "DATA_SOURCE_NAME":
                    "postgresql://weir@127.0.0.1:\(ports[3])/postgres?sslmode=disable"
            ])
        targets.append(Target(name: "postgres", port: ports[4], atLeast: 200))
        let envoy = try folder.write(
            """
            admin: {address: {socket_address: {address: 127.0.0.1, port_value: \(ports[5])}}}
            static_resources: {}
            """, to: "envoy.yaml")
        let program = Build.python.replacing(/python$/, with: "envoy")
        try start(program, ["-c", envoy, "--log-level", "error", "--concurrency", "1"])
        targets.append(
            Target(name: "envoy", port: ports[5], path: "/stats/prometheus", atLeast: 50))
    }

    deinit { for process in processes { process.kill() } }

    private func start(
        _ program: String, _ arguments: [String], _ environment: [String: String] = [:]
    ) throws {
        let log = "\(folder.path)/\(program.split(separator: "/").last!).log"
        processes.append(
            try Command(program, arguments, environment: environment, folder: folder.path)
                .start(output: log, errors: log))
    }

    /// PostgreSQL refuses to run as root.
    private func startPostgreSQL(port: Int) async throws {
        let result = try await Command.shell(
            """
            bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
            as=""
            if [ "$(id -u)" = 0 ]; then chmod 755 .; install -d -o postgres pg; as="runuser -u postgres --"
            else mkdir pg; fi
            $as $bin/initdb -D pg/data -U weir --auth=trust > initdb.log
            """, folder: folder.path)
        guard result.status == 0 else { throw Failure("initdb: \(result.errors)") }
        try start(
            "/bin/bash",
            [
                "-c",
                """
                bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
                as=""; [ "$(id -u)" = 0 ] && as="setpriv --reuid postgres --regid postgres --clear-groups"
                exec $as $bin/postgres -D pg/data -p \(port) -h 127.0.0.1 -k "" -c fsync=off
                """,
            ])
    }
}
