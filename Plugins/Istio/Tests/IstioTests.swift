import Synchronization
import Testing
import WeirSDK
import WeirTestKit

@testable import IstioPlugin

/// Answers by URL.
final class RecordedMesh: @unchecked Sendable {
    // Sendable: behind a lock.
    private let answers = Mutex<[String: FakeReply]>([:])

    init(_ host: FakeHost) {
        host.client.answer { [self] request in
            let endpoint = request.settings.split(separator: "\"").first { $0.hasPrefix("http") }
            return answers.withLock { $0[(endpoint ?? "") + request.path] }
                ?? .failure(.retry("connection refused"))
        }
    }

    subscript(url: String) -> String? {
        get { nil }
        set {
            answers.withLock {
                $0[url] = newValue.map {
                    FakeReply(
                        code: 200, body: Array($0.utf8), contentType: "text/plain; version=0.0.4")
                }
            }
        }
    }
}

struct IstioTests {
    private let host = FakeHost()
    private let merged = "http://127.0.0.1:15020/stats/prometheus"

    private func start(_ settings: String = "{}") throws -> TestInstance {
        try host.start(plugin, .exporter, "istio", settings: settings)
    }

    @Test func conforms() throws { try conformance(plugin) }

    /// An Envoy with thousands of clusters costs what is passed on, and what is derived stays.
    @Test(.timeLimit(.minutes(1))) func manyClusters() throws {
        let mesh = RecordedMesh(host)
        var clusters = "# TYPE envoy_cluster_upstream_cx_total counter\n"
        for number in 0..<5_000 {
            clusters += "envoy_cluster_upstream_cx_total{cluster_name=\"outbound|\(number)\"} 1\n"
        }
        mesh[merged] = Texts.agent() + clusters + Texts.envoy() + Texts.application
        let found = try start().collect()
        #expect(found.value("istio_up") == 1 && found.named("istio_requests_total").count == 4)
        #expect(found.named("envoy_cluster_upstream_cx_total").isEmpty)
        #expect(!found.named("istio_mtls_coverage_ratio").isEmpty)
        #expect(found.value("istio_proxy_config_age_seconds", ["type": "cds"]) != nil)
    }

    /// 64 MiB are the most, and who has more is told what to do.
    @Test func anAnswerThatIsTooLong() throws {
        host.client.answer { request in
            let body = [UInt8](repeating: 10, count: (64 << 20) + 1)
            return FakeReply(code: 200, body: body, contentType: "text/plain")
        }
        let instance = try start(#"{"endpoint": "http://proxy:15090"}"#)
        let error = #expect(throws: ComponentError.self) { try instance.collect() }
        #expect(error?.message.contains("67108864 bytes, which is the most") == true)
        #expect(error?.message.contains("proxyStatsMatcher") == true, "\(error?.message ?? "")")
    }

    /// What is derived needs nothing to be passed on.
    @Test func nothingPassesAndMuchIsDerived() throws {
        let mesh = RecordedMesh(host)
        mesh[merged] = Texts.agent() + Texts.envoy() + Texts.application
        let found = try start(#"{"families": ["pilot_"]}"#).collect()
        #expect(found.named("istio_requests_total").isEmpty)
        #expect(!found.named("istio_mtls_coverage_ratio").isEmpty)
        #expect(found.value("istio_proxy_config_age_seconds", ["type": "cds"]) != nil)
    }

    /// Without settings: the merged port of the own pod, and the certificates of its proxy.
    @Test func ownPod() throws {
        let mesh = RecordedMesh(host)
        mesh[merged] = Texts.agent() + Texts.envoy() + Texts.application
        mesh["http://127.0.0.1:15000/certs"] = Texts.certificates
        let instance = try start()
        let found = try instance.collect()
        #expect(found.value("istio_up") == 1)
        #expect(found.value("istio_target_info", ["endpoint": merged]) == 1)
        #expect(found.named("istio_requests_total").count == 4)
        #expect(found.named("istio_requests_total").allSatisfy { $0.kind == .counter })
        guard
            case .histogram([1, 5], [60, 19, 1], 80, 95.5)? = found.named(
                "istio_request_duration_milliseconds"
            ).first?.value
        else {
            Issue.record("no histogram")
            return
        }
        // The application's and Envoy's own metrics come only if they are asked for.
        #expect(found.named("orders_total").isEmpty && found.named("envoy_server_live").isEmpty)
        // 2025-01-01T00:00:01Z is the time on the fake host's clock.
        #expect(found.value("istio_proxy_config_age_seconds", ["type": "cds"]) == 101)
        #expect(found.value("istio_proxy_control_plane_connected") == 1)
        let chain = ["kind": "chain", "san": "spiffe://cluster.local/ns/shop/sa/cart"]
        #expect(
            found.value("istio_certificate_expiry_timestamp_seconds", chain) == 1_735_776_000)
        let days = try #require(found.value("istio_certificate_days_until_expiry", chain))
        #expect(days > 0.999 && days < 1)
        // Of two authorities that look the same the one that ends first.
        #expect(
            found.value("istio_certificate_expiry_timestamp_seconds", ["kind": "ca"])
                == 1_767_225_600)
        #expect(found.duplicates.isEmpty)
        #expect(found.points.allSatisfy { $0.isPrometheus })
        try instance.end()
    }

    @Test func everythingIfAskedFor() throws {
        let mesh = RecordedMesh(host)
        mesh[merged] = Texts.agent() + Texts.envoy() + Texts.application
        let instance = try start(#"{"families": [""]}"#)
        let found = try instance.collect()
        #expect(found.value("orders_total") == 5)
        #expect(found.value("envoy_server_live") == 1)
        try instance.end()
    }

    /// Envoy's own port where there is no agent; and where there is neither, an error that says so.
    @Test func findsTheProxy() throws {
        let mesh = RecordedMesh(host)
        mesh["http://127.0.0.1:15090/stats/prometheus"] = Texts.envoy()
        let instance = try start()
        #expect(
            try instance.collect().value(
                "istio_target_info", ["endpoint": "http://127.0.0.1:15090/stats/prometheus"]) == 1)
        mesh["http://127.0.0.1:15090/stats/prometheus"] = nil
        let gone = instance.collectOutcome()
        #expect(gone.metrics.value("istio_up") == 0)
        #expect(gone.error?.message.hasPrefix("no Istio proxy answers in this pod") == true)
        #expect(gone.error?.message.contains("http://127.0.0.1:15020: connection refused") == true)
        mesh[merged] = Texts.agent() + Texts.envoy()
        host.advance(by: .seconds(60))
        #expect(try instance.collect().value("istio_target_info", ["endpoint": merged]) == 1)
        try instance.end()
    }

    @Test(arguments: [
        ("http://istiod:15014", "http://istiod:15014/metrics"),
        ("http://ztunnel:15020", "http://ztunnel:15020/stats/prometheus"),
        ("http://waypoint:15090/", "http://waypoint:15090/stats/prometheus"),
        ("http://x:15020/own/path", "http://x:15020/own/path"),
    ])
    func endpoints(_ endpoint: String, _ url: String) throws {
        let mesh = RecordedMesh(host)
        mesh[url] = Texts.istiod
        let instance = try start(#"{"endpoint": "\#(endpoint)"}"#)
        let found = try instance.collect()
        #expect(found.value("pilot_xds") == 3)
        #expect(found.named("pilot_proxy_convergence_time").count == 1)
        #expect(found.value("citadel_server_root_cert_expiry_timestamp") == 2_051_049_600)
        #expect(found.named("go_goroutines").isEmpty)
        // Nobody's admin endpoint is asked.
        #expect(host.client.sent.count == 1)
        try instance.end()
    }

    /// The agent answers 200 although it could not read the application.
    @Test func mergedPortThatLacksAPart() throws {
        let mesh = RecordedMesh(host)
        let instance = try start()
        func collect(_ failures: Int?) -> (metrics: CollectedMetrics, error: ComponentError?) {
            mesh[merged] = Texts.agent(applicationFailures: failures) + Texts.envoy()
            return instance.collectOutcome()
        }
        let failing = "istio_merged_scrape_failing"
        #expect(collect(nil).metrics.named(failing).isEmpty)
        let first = collect(1)
        #expect(first.metrics.value(failing, ["type": "application"]) == 1)
        #expect(first.metrics.value("istio_up") == 1)
        #expect(
            first.error?.message.contains("could not read the metrics of: application") == true)
        let after = collect(1)
        #expect(after.metrics.value(failing, ["type": "application"]) == 0)
        #expect(after.error == nil)
        #expect(collect(2).metrics.value(failing, ["type": "application"]) == 1)
        // The agent was restarted.
        #expect(collect(1).metrics.value(failing, ["type": "application"]) == 1)
        #expect(collect(1).error == nil)
        try instance.end()
    }

    @Test func keepsOnlyStandardLabels() throws {
        let mesh = RecordedMesh(host)
        let label = { (path: String) in
            Texts.labels(
                reporter: "destination", from: "web", to: "cart", security: "mutual_tls",
                more: ",request_path=\"\(path)\"")
        }
        mesh["http://x:15090/stats/prometheus"] = """
            istio_requests_total{\(label("/a"))} 3
            istio_requests_total{\(label("/b"))} 4
            istio_request_bytes_bucket{\(label("/a")),le="1"} 1
            istio_request_bytes_bucket{\(label("/a")),le="+Inf"} 2
            istio_request_bytes_sum{\(label("/a"))} 10
            istio_request_bytes_count{\(label("/a"))} 2
            istio_request_bytes_bucket{\(label("/b")),le="1"} 0
            istio_request_bytes_bucket{\(label("/b")),le="+Inf"} 5
            istio_request_bytes_sum{\(label("/b"))} 20
            istio_request_bytes_count{\(label("/b"))} 5
            istio_build{component="proxy",tag="1.24.2"} 1

            """
        let instance = try start(#"{"endpoint": "http://x:15090"}"#)
        let found = try instance.collect()
        let requests = found.named("istio_requests_total")
        #expect(requests.count == 1 && requests[0].value == .number(7))
        #expect(requests[0].kind == .counter)
        // What is empty is not there.
        #expect(requests[0].attributes.count == 25 - 1)
        #expect(
            found.named("istio_request_bytes").map(\.value) == [
                .histogram(bounds: [1], buckets: [1, 6], count: 7, sum: 30)
            ])
        // Only traffic has labels that are trimmed.
        #expect(found.value("istio_build", ["component": "proxy", "tag": "1.24.2"]) == 1)
        try instance.end()
    }

    @Test func keepsTheLabelsThatAreNamed() throws {
        let mesh = RecordedMesh(host)
        mesh["http://x:15090/stats/prometheus"] = Texts.envoy()
        let instance = try start(
            """
            {"endpoint": "http://x:15090",
            "keep_labels": ["source_app", "destination_app", "response_code"]}
            """)
        let found = try instance.collect()
        #expect(
            found.value(
                "istio_requests_total",
                ["source_app": "web", "destination_app": "cart", "response_code": "200"]) == 80)
        #expect(found.named("istio_requests_total").allSatisfy { $0.attributes.count == 3 })
        // What is derived does not need the labels that are left.
        #expect(found.value("istio_mtls_coverage_ratio", ["source_workload": "batch"]) == 0)
        try instance.end()
    }

    @Test(arguments: ["<html>", "{", "x y z"])
    func garbage(_ text: String) throws {
        let mesh = RecordedMesh(host)
        mesh["http://x:15090/stats/prometheus"] = text
        let instance = try start(#"{"endpoint": "http://x:15090"}"#)
        let outcome = instance.collectOutcome()
        #expect(outcome.metrics.value("istio_up") == 0)
        #expect(
            outcome.error?.message.hasPrefix(
                "http://x:15090/stats/prometheus answered with something that is not Prometheus'")
                == true)
        try instance.end()
    }

    /// A line that nobody understands costs that line.
    @Test func oneBadLine() throws {
        let mesh = RecordedMesh(host)
        mesh["http://x:15090/stats/prometheus"] = "oops oops\n" + Texts.envoy()
        let instance = try start(#"{"endpoint": "http://x:15090"}"#)
        let outcome = instance.collectOutcome()
        #expect(outcome.metrics.value("istio_up") == 1)
        #expect(outcome.metrics.named("istio_requests_total").count == 4)
        #expect(outcome.error?.message.contains("1 lines or samples were skipped") == true)
        try instance.end()
    }
}
