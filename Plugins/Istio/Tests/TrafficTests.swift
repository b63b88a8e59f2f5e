import Testing
import WeirPrometheus
import WeirSDK
import WeirTestKit

@testable import IstioPlugin

struct TrafficTests {
    private let host = FakeHost()
    private let url = "http://x:15090/stats/prometheus"

    private func start() throws -> TestInstance {
        try host.start(
            plugin, .exporter, "istio", settings: #"{"endpoint": "http://x:15090"}"#)
    }

    /// As the destination reports it: what the source says of security is "unknown".
    @Test func coverage() throws {
        let mesh = RecordedMesh(host)
        mesh[url] = Texts.envoy()
        let instance = try start()
        let found = try instance.collect()
        let coverage = "istio_mtls_coverage_ratio"
        #expect(found.named(coverage).count == 2)
        #expect(
            found.value(
                coverage,
                [
                    "source_workload": "web", "source_workload_namespace": "shop",
                    "destination_workload": "cart", "destination_workload_namespace": "shop",
                ]) == 1)
        #expect(found.value(coverage, ["source_workload": "batch"]) == 0)
        #expect(found.value("istio_tcp_mtls_coverage_ratio", ["source_workload": "web"]) == 1)
        let success = "istio_request_success_ratio"
        #expect(found.value(success, ["source_workload": "web"]) == 80.0 / 90)
        #expect(
            found.value(success, ["destination_workload": "db", "reporter": "source"]) == 1)
        try instance.end()
    }

    /// Over the window and not since the proxy's start; what is older falls out.
    @Test func window() throws {
        let mesh = RecordedMesh(host)
        let instance = try start()
        func success(_ secured: Int, _ failed: Int, after seconds: Int) throws -> Double? {
            host.advance(by: .seconds(seconds))
            mesh[url] = Texts.envoy(secured: secured, failed: failed)
            return try instance.collect().value(
                "istio_request_success_ratio", ["source_workload": "web"])
        }
        #expect(try success(900, 100, after: 0) == 0.9)
        // All of the last ten failed.
        #expect(try success(900, 110, after: 100) == 0)
        #expect(try success(930, 110, after: 100) == 0.75)
        // No traffic: what there was in the window.
        #expect(try success(930, 110, after: 100) == 0.75)
        #expect(try success(930, 110, after: 100) == 1)
        #expect(try success(930, 110, after: 100) == nil)
        // The proxy was restarted.
        #expect(try success(3, 1, after: 100) == 0.75)
        try instance.end()
    }

    /// Without traffic the coverage is that of all that there was.
    @Test func coverageOfIdlePairs() throws {
        let mesh = RecordedMesh(host)
        mesh[url] = Texts.envoy()
        let instance = try start()
        _ = try instance.collect()
        host.advance(by: .seconds(600))
        let found = try instance.collect()
        #expect(found.value("istio_mtls_coverage_ratio", ["source_workload": "web"]) == 1)
        #expect(found.value("istio_mtls_coverage_ratio", ["source_workload": "batch"]) == 0)
        #expect(found.named("istio_request_success_ratio").isEmpty)
        try instance.end()
    }

    @Test func trimmingOfOddPoints() {
        let histogram = ReadValue.histogram(
            ReadHistogram(bounds: [1], buckets: [1, 0], count: 1, sum: 1))
        let other = ReadValue.histogram(
            ReadHistogram(bounds: [2], buckets: [1, 0], count: 1, sum: 1))
        let family = ReadFamily(
            "h", .histogram,
            points: [
                ReadPoint(Labels([Label("a", "1")]), histogram),
                ReadPoint(Labels([Label("a", "2")]), other),
                ReadPoint(Labels([Label("b", "1")]), histogram),
            ])
        let kept = family.keeping(["b"])
        #expect(kept.points.map(\.labels) == [Labels(), Labels([Label("b", "1")])])
        #expect(kept.points[0].value == histogram)
    }
}
