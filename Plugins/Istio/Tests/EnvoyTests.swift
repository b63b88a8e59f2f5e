import Testing
import WeirSDK
import WeirTestKit

@testable import IstioPlugin

struct EnvoyTests {
    private let host = FakeHost()

    private func mesh() -> RecordedMesh {
        let mesh = RecordedMesh(host)
        mesh["http://127.0.0.1:9901/stats/prometheus"] = """
            # TYPE envoy_server_live gauge
            envoy_server_live{} 1
            # TYPE envoy_cluster_upstream_rq counter
            envoy_cluster_upstream_rq{envoy_response_code="200",envoy_cluster_name="a"} 5

            """
        mesh["http://127.0.0.1:9901/ready"] = "LIVE\n"
        mesh["http://127.0.0.1:9901/server_info"] =
            #"{"version":"abc/1.40.0/Clean/RELEASE/BoringSSL","state":"LIVE","node":{"id":"n1"}}"#
        mesh["http://127.0.0.1:9901/certs"] = Texts.certificates
        return mesh
    }

    @Test func everything() throws {
        _ = mesh()
        let instance = try host.start(plugin, .exporter, "envoy")
        let found = try instance.collect()
        #expect(found.value("envoy_up") == 1 && found.value("envoy_ready") == 1)
        #expect(
            found.value("envoy_info", ["version": "1.40.0", "state": "LIVE", "node": "n1"]) == 1)
        #expect(found.value("envoy_cluster_upstream_rq", ["envoy_cluster_name": "a"]) == 5)
        #expect(found.value("envoy_server_live") == 1)
        #expect(
            found.value("envoy_certificate_expiry_timestamp_seconds", ["kind": "ca"])
                == 1_767_225_600)
        #expect(found.duplicates.isEmpty)
        try instance.end()
    }

    @Test func unreachable() throws {
        _ = RecordedMesh(host)
        let instance = try host.start(plugin, .exporter, "envoy")
        for seconds in [1, 2, 4] {
            let first = instance.collectOutcome()
            #expect(first.metrics.value("envoy_up") == 0)
            #expect(first.error?.message == "connection refused")
            let second = instance.collectOutcome()
            #expect(second.metrics.value("envoy_up") == 0)
            #expect(second.error?.message.hasPrefix("connection refused (next attempt in") == true)
            host.advance(by: .seconds(seconds))
        }
        #expect(host.client.sent.count == 3)
        try instance.end()
    }

    /// What kept the page from being read is told, and not that it is no JSON.
    @Test func noServerInfo() throws {
        let mesh = mesh()
        mesh["http://127.0.0.1:9901/server_info"] = nil
        let instance = try host.start(plugin, .exporter, "envoy")
        let message = instance.collectOutcome().error?.message ?? ""
        #expect(message == "connection refused")
        mesh["http://127.0.0.1:9901/server_info"] = "<html>"
        host.advance(by: .seconds(10))
        let other = instance.collectOutcome().error?.message ?? ""
        #expect(other.contains("/server_info answered 200 without JSON"), "\(other)")
        try instance.end()
    }

    @Test func query() throws {
        _ = RecordedMesh(host)
        let instance = try host.start(
            plugin, .exporter, "envoy",
            settings: #"{"used_only": true, "filter": "^http\\.a b"}"#)
        _ = instance.collectOutcome()
        #expect(host.client.sent[0].path == "/stats/prometheus?usedonly&filter=%5Ehttp%5C.a%20b")
        try instance.end()
    }

    @Test(arguments: ["{}", "", "[]", #"{"certificates": 1}"#])
    func oddCertificates(_ body: String) throws {
        let mesh = mesh()
        mesh["http://127.0.0.1:9901/certs"] = body
        let instance = try host.start(plugin, .exporter, "envoy")
        let outcome = instance.collectOutcome()
        #expect(outcome.error?.message.contains("/certs answered without certificates") == true)
        #expect(outcome.metrics.value("envoy_up") == 1)
        try instance.end()
    }
}
