import Testing
import WeirSDK
import WeirTestKit

@testable import VaultPlugin

struct PartTests {
    private let host = FakeHost()

    private func start(_ settings: String) throws -> TestInstance {
        try host.start(plugin, .exporter, "vault", settings: settings)
    }

    /// The server's telemetry comes along, but for its own copy of what is derived here.
    @Test func telemetry() throws {
        RecordedVault(host).takes(["t1"])
        let instance = try start(#"{"token": "t1", "pki": false}"#)
        let found = try instance.collect()
        #expect(found.named("vault_core_unsealed").map(\.attributes) == [[:]])
        #expect(found.value("vault_core_active", ["cluster": "prod"]) == 1)
        #expect(found.value("vault_expire_num_leases") == 12)
        #expect(found.named("vault_audit_log_request_failure").first?.kind == .counter)
        guard
            case .summary(let ranks, let values, 97, 11.5)? = found.named("vault_core_check_token")
                .first?.value
        else {
            Issue.record("no summary: \(found.named("vault_core_check_token"))")
            return
        }
        // Milliseconds stay milliseconds.
        #expect(ranks == [0.5, 0.99] && values[0] == 0.0389 && values[1].isNaN)
        #expect(found.value("vault_leader") == 1 && found.value("vault_ha_enabled") == 1)
        #expect(found.value("vault_raft_committed_index") == 120)
        #expect(found.value("vault_token_ttl_seconds") == 2764)
        #expect(found.value("vault_token_valid") == 1)
        for collector in ["seal_status", "leader", "token", "metrics"] {
            #expect(
                found.value("vault_collector_success", ["collector": collector]) == 1)
        }
        #expect(found.duplicates.isEmpty)
        try instance.end()
    }

    /// A refusal says which of its causes there may be, and everything else is there.
    @Test(
        arguments: [
            (403, #"{"errors":["permission denied"]}"#, "lacks read on sys/metrics"),
            (400, #"{"errors":["prometheus is not enabled"]}"#, "prometheus_retention_time"),
            (200, "<html></html>", "not Prometheus'"), (503, "", "answered 503"),
            (307, "", "a redirect to https://active:8200/v1/sys/metrics"),
        ] as [(UInt32, String, String)])
    func telemetryRefused(_ code: UInt32, _ body: String, _ message: String) throws {
        let vault = RecordedVault(host)
        vault.takes([""])
        vault["sys/metrics?format=prometheus"] = RecordedVault.Recorded(
            code: code, body: body, contentType: "text/html",
            headers: [Header("location", "https://active:8200/v1/sys/metrics?x=y")])
        let instance = try start("{}")
        let outcome = instance.collectOutcome()
        #expect(outcome.error?.message.contains(message) == true, "\(outcome)")
        #expect(outcome.metrics.value("vault_up") == 1)
        #expect(outcome.metrics.value("vault_core_unsealed") == 1)
        #expect(
            outcome.metrics.value("vault_collector_success", ["collector": "metrics"]) == 0)
        try instance.end()
    }

    /// With a token a standby would answer for the active server.
    @Test(
        arguments: [(429, "", true), (429, "t", false), (473, "t", true), (503, "", false)]
            as [(UInt32, String, Bool)])
    func telemetryOfStandbys(_ code: UInt32, _ token: String, _ isAsked: Bool) throws {
        let vault = RecordedVault(host)
        vault.takes([token])
        vault["sys/health"] = RecordedVault.Recorded(
            code: code,
            body: RecordedVault.health(
                sealed: code == 503, standby: true, performance: code == 473))
        let instance = try start(token.isEmpty ? "{}" : #"{"token": "t", "pki": false}"#)
        let found = try instance.collect()
        #expect(host.client.sent.contains { $0.path.contains("sys/metrics") } == isAsked)
        #expect(found.named("vault_core_active").isEmpty == !isAsked)
        try instance.end()
    }

    @Test func leases() throws {
        let vault = RecordedVault(host)
        vault.takes(["t"])
        vault["sys/leases/count?type=irrevocable"] = RecordedVault.Recorded(
            body: #"{"data":{"lease_count":3,"counts":{"auth/userpass/":3}}}"#)
        let instance = try start(#"{"token": "t", "leases": true, "pki": false}"#)
        #expect(try instance.collect().value("vault_irrevocable_leases") == 3)
        try instance.end()
    }

    /// The namespace goes with what belongs to the token, not with the state of the server.
    @Test func namespace() throws {
        RecordedVault(host).takes(["t"])
        let instance = try start(#"{"token": "t", "namespace": "team", "pki": false}"#)
        _ = try instance.collect()
        for request in host.client.sent {
            let namespace = request.headers.first { $0.name == "x-vault-namespace" }?.value
            let isOwn = request.headers.contains { $0.name == "x-vault-token" }
            #expect(namespace == (isOwn ? "team" : nil), "\(request.path)")
        }
        try instance.end()
    }

    @Test func hostsSettingsPassThrough() throws {
        RecordedVault(host).takes([""])
        let instance = try start(
            #"{"endpoint": "https://vault:8200", "tls": {"ca_file": "/ca"}, "metrics": false}"#)
        _ = try instance.collect()
        #expect(
            host.client.sent[0].settings
                == #"{"endpoint":"https://vault:8200","tls":{"ca_file":"/ca"},"compression":"none"}"#
        )
        try instance.end()
    }

    @Test(arguments: [
        (#"{"token": "a", "token_file": "/x"}"#, "token and token_file"),
        (#"{"approle": {"role_id": "a"}, "kubernetes": {"role": "b"}}"#, "approle and kubernetes"),
        (
            #"{"approle": {"role_id": "a", "secret_id": "b", "secret_id_file": "c"}}"#,
            "secret_id and secret_id_file"
        ),
    ])
    func contradictions(_ settings: String, _ message: String) throws {
        let error = #expect(throws: ComponentError.self) { try start(settings) }
        #expect(error?.message.contains(message) == true)
    }
}
