import Foundation
import Testing

extension EndToEnd {
    /// What each target does wrong, the limits of its job, and what is said about it.
    private static let faults: [(path: String, limits: String, says: String)] = [
        ("close", "", "closed the connection before it answered"),
        ("silent", "", "timeout after"), ("slow", "", "timeout after"),
        ("garbage", "", "sent an invalid HTTP answer"), ("html", "", "parse error at line 1"),
        ("redirect", "", "do they go in a circle?"),
        ("endless", "sample_limit: 5000", "read no further, sample_limit allows 5000"),
        ("comments", "body_size_limit: 2MB", "body_size_limit"),
        (
            "series",
            "sample_limit: 1000, metric_relabel_configs: [{source_labels: [n], regex: '7', action: drop}]"
                + ", body_size_limit: 4MB", "body_size_limit"
        ),
        ("bomb", "body_size_limit: 4MB", "body_size_limit"), ("bomb", "", "body over 256 MiB"),
    ]

    /// Scrapes that fail in every way, and a remote end that fails a thousand times: each is told
    /// with its reason, the others keep their schedule, nothing is sent out of order or twice, and
    /// neither memory nor descriptors grow.
    @Test(.timeLimit(.minutes(4))) func aThousandFailuresCostNothing() async throws {
        let ports = try await freePorts(3)
        let (port, prometheus, refusing) = (ports[0], ports[1], ports[2])
        let files = try TemporaryFolder()
        let python = try Command(
            Build.python, ["\(Build.clients)/faults.py", "\(port)", "\(prometheus)"]
        ).start(output: "\(files.path)/faults", errors: "\(files.path)/faults")
        defer { python.kill() }
        let server = try await PrometheusServer("scrape_configs: []", port: prometheus)
        let counts = "http://127.0.0.1:\(port)/count"
        #expect(await eventually(within: 60) { (try? await fetch(counts)) != nil })
        let weir = try await Weir(Self.configuration(port, refusing))

        var reasons: [String: Set<String>] = [:]
        let areSaid = await eventually(within: 90) {
            try? await Task.sleep(for: .milliseconds(200))
            for (job, error) in await self.errors(of: weir) {
                reasons[job, default: []].insert(error)
            }
            return Self.wanted.allSatisfy { job, text in
                reasons[job]?.contains { $0.contains(text) } == true
            }
        }
        #expect(areSaid, "\(reasons)")
        #expect(reasons["good"]?.contains { !$0.isEmpty } != true, "\(reasons["good"] ?? [])")

        // From here on nothing may grow.
        let before = try await resources(of: weir)
        let attempts = Self.attempts
        _ = try await fetch(
            "http://127.0.0.1:\(port)/fail?next=\(attempts.joined(separator: ","))")
        var answered: [String: Int] = [:]
        let haveFailed = await eventually(within: 120) {
            try? await Task.sleep(for: .milliseconds(200))
            answered = (try? await Self.decode([String: Int].self, from: counts)) ?? [:]
            return attempts.allSatisfy { fault in
                answered["write \(fault)"] == attempts.count { $0 == fault }
            }
        }
        #expect(haveFailed, "\(answered)")
        let written = answered["answered 204"] ?? 0
        let goesOn = await eventually(within: 30) {
            let now = try? await Self.decode([String: Int].self, from: counts)
            return now?["answered 204"] ?? 0 > written + 5
        }
        #expect(goesOn, "writes go on after \(answered)")
        let after = try await resources(of: weir)
        #expect(after.descriptors <= before.descriptors + 10, "\(before), then \(after)")
        #expect(after.bytes <= before.bytes + 48 << 20, "\(before), then \(after)")
        #expect(after.failures > before.failures + 1000, "\(before), then \(after)")

        // Of what was refused for good nothing came again; all else is there, in its order.
        let log = try await fetch("http://127.0.0.1:\(prometheus)/metrics")
        for line in log.split(separator: "\n")
        where line.hasPrefix("prometheus_tsdb_out_of_order_samples_total{") {
            #expect(line.hasSuffix(" 0"), "\(line)")
        }
        let times = try await Self.times(of: "up{job=\"good\"}", server)
        #expect(times.count > 50 && times == times.sorted(), "\(times.count)")
        let steps = zip(times, times.dropFirst()).map { $1 - $0 }.sorted()
        #expect(steps.first ?? 0 > 0.15, "none twice in an interval: \(steps.prefix(5))")
        #expect(steps[steps.count / 2] < 0.25, "most keep to theirs: \(steps[steps.count / 2])")
        // 3: what was answered with 400 is lost, and told.
        #expect(try await weir.stop() == 3, "\(weir.log)")
        #expect(weir.items("dropped", "data point") > 0)
    }

    /// How the remote end fails, one request after the other.
    private static let attempts: [String] = (0..<1000).map { number in
        switch number % 200 {
        case 17: "400"
        case 50: "silent"
        default: ["429", "500", "garbage", "close", "503"][number % 5]
        }
    }

    private static var wanted: [(job: String, text: String)] {
        faults.enumerated().map { ("\($1.path)-\($0)", $1.says) }
            + [("refused", "connection refused"), ("nodns", "cannot be resolved")]
    }

    private static func configuration(_ port: Int, _ refusing: Int) -> String {
        func job(_ name: String, _ target: String, _ more: String) -> String {
            """
                    - {job_name: \(name), static_configs: [{targets: ["\(target)"]}]\(more)}\n
            """
        }
        var jobs = job("good", "127.0.0.1:\(port)", ", metrics_path: /good")
        for (number, fault) in faults.enumerated() {
            // What takes the server's time is asked for less often.
            let isDear = ["bomb", "series", "endless", "comments"].contains(fault.path)
            let times = isDear ? ", scrape_interval: 4s, scrape_timeout: 4s" : ""
            let limits = fault.limits.isEmpty ? "" : ", \(fault.limits)"
            jobs += job(
                "\(fault.path)-\(number)", "127.0.0.1:\(port)",
                ", metrics_path: /\(fault.path)\(times)\(limits)")
        }
        jobs += job("refused", "127.0.0.1:\(refusing)", "")
        jobs += job("nodns", "no-such-host.invalid:80", "")
        return """
            receivers:
              prometheus:
                config:
                  global: {scrape_interval: 200ms, scrape_timeout: 200ms}
                  scrape_configs:
            \(jobs)
            sinks:
              prometheusremotewrite:
                endpoint: http://127.0.0.1:\(port)/write
                timeout: 2s
                queue_config: {batch_send_deadline: 100ms, min_backoff: 1ms, max_backoff: 5ms}
                retry_on_failure: {max_elapsed_time: 0s}
            service:
              pipelines:
                metrics: {receivers: [prometheus], sinks: [prometheusremotewrite]}
            """
    }

    /// The last error of each job.
    private func errors(of weir: Weir) async -> [String: String] {
        struct Answer: Decodable {
            struct Target: Decodable { var scrapePool, lastError: String }
            struct Targets: Decodable { var activeTargets: [Target] }
            var data: Targets
        }
        guard let answer = await weir.get("/api/v1/targets?state=active"),
            let found = try? JSONDecoder().decode(Answer.self, from: Data(answer.text.utf8))
        else { return [:] }
        return Dictionary(
            found.data.activeTargets.map { ($0.scrapePool, $0.lastError) },
            uniquingKeysWith: { first, _ in first })
    }

    private struct Resources {
        var descriptors: Int
        var bytes: Int
        /// Items in attempts to send that failed.
        var failures: Int
    }

    private func resources(of weir: Weir) async throws -> Resources {
        guard let page = await weir.get("/metrics")?.text else { throw Failure("no metrics") }
        func value(_ name: String) -> Int {
            page.split(separator: "\n").filter { $0.hasPrefix(name) }
                .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }
                .reduce(0) { $0 + Int($1) }
        }
        return Resources(
            descriptors: value("process_open_fds "), bytes: value("process_resident_memory_bytes "),
            failures: value("weir_sink_failed_items_total{sink=\"prometheusremotewrite\""))
    }

    private static func decode<Value: Decodable>(
        _: Value.Type, from url: String
    ) async throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(try await fetch(url).utf8))
    }

    /// When a series has samples, in seconds.
    private static func times(
        of series: String, _ server: PrometheusServer
    ) async throws -> [Double] {
        struct Answer: Decodable {
            struct Result: Decodable { var values: [Sample] }
            struct Results: Decodable { var result: [Result] }
            struct Sample: Decodable {
                var time: Double
                init(from decoder: any Decoder) throws {
                    var list = try decoder.unkeyedContainer()
                    time = try list.decode(Double.self)
                }
            }
            var data: Results
        }
        let text = try await server.ask("query", ["query=\(series)[10m]"])
        let answer = try JSONDecoder().decode(Answer.self, from: Data(text.utf8))
        return answer.data.result.flatMap { $0.values.map(\.time) }
    }
}
