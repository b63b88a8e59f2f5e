import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// One target, seen by a real Prometheus itself and by every way through weir: all say the same.
    ///
    /// A Prometheus that knows native histograms asks the sink for protobuf.
    @Test(.timeLimit(.minutes(3)), arguments: [false, true])
    func everyWayToPrometheusSaysTheSame(_ asksForProtobuf: Bool) async throws {
        let ports = try await freePorts(5)
        let (target, prometheus, exposed) = (ports[0], ports[1], ports[2])
        let (first, second) = (ports[3], ports[4])
        let files = try TemporaryFolder()
        let python = try Command(Build.python, ["\(Build.clients)/target.py", "\(target)"])
            .start(output: "\(files.path)/target", errors: "\(files.path)/target")
        defer { python.kill() }
        let jobs = """
            - job_name: python
              metrics_path: /python
              static_configs: [{targets: ["127.0.0.1:\(target)"]}]
            - job_name: java
              metrics_path: /java
              static_configs: [{targets: ["127.0.0.1:\(target)"]}]
            """
        let write = "http://127.0.0.1:\(prometheus)/api/v1/write"
        // What Prometheus writes, and 2.0, which this Prometheus does not speak.
        let relay = try await Weir(
            """
            receivers:
              prometheusremotewrite/1: {endpoint: "127.0.0.1:\(first)"}
              prometheusremotewrite/2: {endpoint: "127.0.0.1:\(second)"}
            sinks:
              prometheusremotewrite/1: {endpoint: "\(write)", external_labels: {way: relayed}}
              prometheusremotewrite/2: {endpoint: "\(write)", external_labels: {way: second}}
            service:
              pipelines:
                metrics/1: {receivers: [prometheusremotewrite/1], sinks: [prometheusremotewrite/1]}
                metrics/2: {receivers: [prometheusremotewrite/2], sinks: [prometheusremotewrite/2]}
            """)
        let server = try await PrometheusServer(
            """
            global: {scrape_interval: 1s}
            scrape_configs:
            \(jobs)
            - job_name: exposed
              honor_labels: true
              static_configs: [{targets: ["127.0.0.1:\(exposed)"], labels: {way: exposed}}]
            remote_write:
              - url: http://127.0.0.1:\(first)/api/v1/write
                write_relabel_configs: [{source_labels: [way], regex: "", action: keep}]
                queue_config: {batch_send_deadline: 500ms}
            """, port: prometheus, hasNativeHistograms: asksForProtobuf)
        let scraper = try await Weir(
            """
            receivers:
              prometheus:
                config:
                  global: {scrape_interval: 1s}
                  scrape_configs:
            \(jobs.split(separator: "\n").map { "      " + $0 }.joined(separator: "\n"))
            sinks:
              prometheus: {endpoint: "127.0.0.1:\(exposed)", enable_open_metrics: true}
              prometheusremotewrite/1: {endpoint: "\(write)", external_labels: {way: written}}
              prometheusremotewrite/2:
                endpoint: "http://127.0.0.1:\(second)/api/v1/write"
                protobuf_message: io.prometheus.write.v2.Request
            service:
              pipelines:
                metrics:
                  receivers: [prometheus]
                  sinks: [prometheus, prometheusremotewrite/1, prometheusremotewrite/2]
            """)
        var found: [String: Ways.Samples] = [:]
        let agree = await eventually(within: 60) {
            guard let samples = try? await Ways.samples(server) else { return false }
            found = samples
            return Ways.all.allSatisfy {
                Ways.difference(found, $0, asksForProtobuf).isEmpty
            }
        }
        for way in Ways.all where !agree {
            let difference = Ways.difference(found, way, asksForProtobuf)
            Issue.record("\(way) differs from what Prometheus scraped itself:\n\(difference)")
        }
        // Series with everything that the formats know, or the comparison proves little.
        #expect(found[""]?.count ?? 0 >= 45, "\(found[""] ?? [:])")
        try await sameExemplars(server)
        #expect(try await scraper.stop() == 0, "\(scraper.log)")
        #expect(try await relay.stop() == 0, "\(relay.log)")
    }

    /// Exemplars go the same ways.
    private func sameExemplars(_ server: PrometheusServer) async throws {
        let now = Date().timeIntervalSince1970
        let text = try await server.ask(
            "query_exemplars",
            ["query={__name__=~\"shop_.*\"}", "start=\(now - 300)", "end=\(now + 10)"])
        for way in ["exposed", "written"] {
            #expect(text.contains("\"way\":\"\(way)\""), "no exemplar came by \(way): \(text)")
        }
        #expect(text.contains("4bf92f3577b34da6a3ce929d0e0e4736"))
        #expect(text.contains("\"shop\":\"eu\""))
    }

    enum Ways {
        typealias Samples = [[String: String]: String]

        static let all = ["exposed", "written", "second", "relayed"]

        /// What Prometheus has, by way ("": by itself), without the label that says so.
        static func samples(_ server: PrometheusServer) async throws -> [String: Samples] {
            var result: [String: Samples] = [:]
            for series in try await server.query(#"{__name__=~".+",job=~"python|java"}"#) {
                var labels = series.labels
                let way = labels.removeValue(forKey: "way") ?? ""
                // These are about the scrape itself, and no two scrapes take the same time.
                let isReport = series.name.hasPrefix("scrape_") || series.name == "up"
                result[way, default: [:]][labels] = isReport ? "a report" : series.value
            }
            return result
        }

        /// What one way says otherwise than Prometheus itself; empty if nothing, and if there is
        /// nothing to compare, says so.
        static func difference(
            _ found: [String: Samples], _ way: String, _ asksForProtobuf: Bool
        ) -> String {
            guard let expected = found[""], let found = found[way] else {
                return "nothing has come yet"
            }
            let lines = Set(expected.keys).union(found.keys).compactMap { key -> String? in
                var (own, other) = (expected[key], found[key])
                if key["__name__"]?.hasSuffix("_created") == true {
                    // This Prometheus makes no series of the start times in protobuf, and 2.0
                    // gives them in milliseconds.
                    if way == "exposed", asksForProtobuf { return nil }
                    if way == "second" { (own, other) = (milliseconds(own), milliseconds(other)) }
                }
                guard own != other else { return nil }
                return "\(key.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }): "
                    + "expected \(own ?? "nothing"), found \(other ?? "nothing")"
            }
            return lines.sorted().joined(separator: "\n")
        }

        private static func milliseconds(_ seconds: String?) -> String? {
            seconds.flatMap { Double($0) }.map { String(Int(($0 * 1000).rounded(.down))) }
        }
    }
}
