import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// Prometheus loads every rule, and every rule has a test in which it fires, and not before.
    @Test(.timeLimit(.minutes(2))) func rulesFireWhenTheyShould() async throws {
        let result = try await Command.shell(
            """
            promtool check rules *.yml sets/*.yml
            promtool test rules tests/*.yml
            """, folder: "\(Build.root)/share/rules")
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        for file in try SharedFile.all where !file.isDashboard {
            let rules = try String(contentsOfFile: "\(Build.root)/\(file.path)", encoding: .utf8)
            let tests = try String(
                contentsOfFile: "\(Build.root)/share/rules/tests/\(file.name).yml", encoding: .utf8)
            let alerts = rules.matches(of: /- alert: (\w+)/).map { String($0.1) }
            #expect(alerts.count == file.expressions.count, "\(file.path)")
            #expect(Set(alerts).count == alerts.count, "\(file.path)")
            for alert in alerts {
                #expect(
                    tests.contains("alertname: \(alert), exp_alerts: []}"),
                    "\(file.path): no test in which \(alert) does not fire")
                #expect(
                    tests.contains(
                        "alertname: \(alert)\n        exp_alerts:\n          - exp_labels:"),
                    "\(file.path): no test in which \(alert) fires")
            }
        }
    }

    /// What Grafana would ask of Prometheus is PromQL.
    @Test(.timeLimit(.minutes(1))) func dashboardsAskInPromQL() async throws {
        let folder = try TemporaryFolder()
        var text = "groups:\n- name: dashboards\n  rules:\n"
        for file in try SharedFile.all where file.isDashboard {
            for (index, expression) in file.expressions.enumerated() {
                let filled = expression.replacing("$__rate_interval", with: "1m")
                    .replacing("$__range", with: "1h").replacing("$__interval", with: "1m")
                let quoted = filled.replacing("'", with: "''")
                text += "  - {record: '\(file.name):\(index)', expr: '\(quoted)'}\n"
            }
        }
        try folder.write(text, to: "rules.yml")
        let result = try await Command.shell("promtool check rules rules.yml", folder: folder.path)
        #expect(result.status == 0, "\(result.output)\(result.errors)")
    }

    /// One alert has one meaning in each set, and another one in the next: nothing merges them.
    @Test func setsAreKeptApart() throws {
        var groups: [String: String] = [:]
        for file in try SharedFile.all where !file.isDashboard {
            let text = try String(contentsOfFile: "\(Build.root)/\(file.path)", encoding: .utf8)
            for match in text.matches(of: /- name: (\S+)/) {
                let other = groups.updateValue(file.path, forKey: String(match.1))
                #expect(other == nil, "group \(match.1) is in \(file.path) and \(other ?? "")")
            }
        }
        #expect(groups.count >= 17)
    }

    /// What the sets name beyond the exporters' metrics comes from applications and from the
    /// cluster, and through weir.
    @Test(.timeLimit(.minutes(2))) func setsNameWhatApplicationsServe() async throws {
        let ports = try await freePorts(2)
        let files = try TemporaryFolder()
        let log = "\(files.path)/applications"
        let applications = try Command(
            Build.python, ["\(Build.clients)/applications.py", "\(ports[0])"]
        ).start(output: log, errors: log)
        defer { applications.kill() }
        let jobs = ["python", "java", "kubelet", "cadvisor", "state"].map {
            "{job_name: \($0), scrape_interval: 1s, scrape_timeout: 1s, metrics_path: /\($0), "
                + "static_configs: [{targets: ['127.0.0.1:\(ports[0])']}]}"
        }
        let weir = try await Weir(
            """
            receivers:
              prometheus: {config: {scrape_configs: [\(jobs.joined(separator: ", "))]}}
            sinks:
              prometheus: {endpoint: "127.0.0.1:\(ports[1])"}
            service:
              pipelines:
                metrics: {receivers: [prometheus], sinks: [prometheus]}
            """)
        let checked = [
            "hsm_", "qsign_hsm_", "istio_", "pilot_", "envoy_", "node_", "pg_", "probe_", "cert_",
            "redis_", "vault_", "weir_", "process_",
        ]
        let all = try SharedFile.all.reduce(into: Set()) { $0.formUnion($1.metrics) }
        let names = all.filter { name in !checked.contains { name.hasPrefix($0) } }
        #expect(names.contains("http_requests_total") && names.contains("up"), "\(names)")
        var missing = names
        let isServed = await eventually(within: 20) {
            let url = "http://127.0.0.1:\(ports[1])/metrics"
            guard let page = try? await MetricsServer.metrics(url) else { return false }
            missing = names.filter { !page.has($0) }
            return missing.isEmpty
        }
        #expect(isServed, "nobody serves \(missing.sorted())\n\(weir.log)")
    }
}
