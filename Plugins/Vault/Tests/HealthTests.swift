import Foundation
import Testing
import WeirSDK
import WeirTestKit

@testable import VaultPlugin

struct HealthTests {
    private let host = FakeHost()

    private func start(_ settings: String = "{}") throws -> TestInstance {
        try host.start(plugin, .exporter, "vault", settings: settings)
    }

    @Test func conforms() throws { try conformance(plugin) }

    /// Every status of sys/health is data.
    @Test(
        arguments: [
            (200, true, false, false, 1), (429, true, false, true, 1), (472, true, false, true, 1),
            (473, true, false, true, 1), (474, true, false, true, 1), (501, false, true, true, 0),
            (503, true, true, true, 0), (530, true, false, true, 1),
        ] as [(UInt32, Bool, Bool, Bool, Double)])
    func everyStatus(
        _ code: UInt32, _ initialized: Bool, _ sealed: Bool, _ standby: Bool, _ unsealed: Double
    ) throws {
        let vault = RecordedVault(host)
        vault["sys/health"] = RecordedVault.Recorded(
            code: code,
            body: RecordedVault.health(
                initialized: initialized, sealed: sealed, standby: standby,
                performance: code == 473))
        let instance = try start(#"{"metrics": false}"#)
        let found = try instance.collect()
        #expect(found.value("vault_up") == 1)
        #expect(found.value("vault_health_status_code") == Double(code))
        #expect(found.value("vault_core_unsealed") == unsealed)
        #expect(found.value("vault_initialized") == (initialized ? 1 : 0))
        #expect(found.value("vault_standby") == (standby ? 1 : 0))
        #expect(found.value("vault_performance_standby") == (code == 473 ? 1 : 0))
        #expect(
            found.value("vault_info", ["version": "1.18.2", "cluster_name": "prod"]) == 1)
        #expect(found.value("vault_seal_threshold") == 3)
        #expect(found.points.allSatisfy { $0.isPrometheus })
        #expect(found.duplicates.isEmpty)
        try instance.end()
    }

    /// What is not Vault's answer says so, and what dashboards ask for exists all the same.
    @Test(
        arguments: [
            (200, "<html>login</html>", "not Vault"), (503, "no healthy upstream", "not Vault"),
            (200, "{}", "not Vault"), (200, "", "not Vault"), (404, "{}", "no status of Vault's"),
            (307, "", "https://vault.example:8200/v1/sys/health"), (200, "[1,", "not Vault"),
        ] as [(UInt32, String, String)])
    func strangers(_ code: UInt32, _ body: String, _ message: String) throws {
        let vault = RecordedVault(host)
        vault["sys/health"] = RecordedVault.Recorded(
            code: code, body: body,
            headers: [Header("location", "https://u:p@vault.example:8200/v1/sys/health?token=x")])
        let instance = try start()
        let outcome = instance.collectOutcome()
        #expect(outcome.error?.message.contains(message) == true, "\(outcome)")
        #expect(outcome.error?.message.contains("u:p") == false)
        #expect(outcome.error?.message.contains("token=x") == false)
        #expect(outcome.metrics.value("vault_up") == 0)
        #expect(outcome.metrics.value("vault_health_status_code") == Double(code))
        for name in constant { #expect(outcome.metrics.named(name).count == 1, "\(name)") }
        try instance.end()
    }

    /// Unreachable: zeros and not absence, with the last version; tried again ever more seldom.
    @Test func unreachable() throws {
        let vault = RecordedVault(host)
        let instance = try start()
        _ = instance.collectOutcome()
        vault.fail(.retry("127.0.0.1:8200: connection refused"))
        let sent = host.client.sent.count
        let first = instance.collectOutcome()
        #expect(first.error?.message == "127.0.0.1:8200: connection refused")
        #expect(
            first.metrics.value("vault_info", ["version": "1.18.2", "cluster_name": "prod"]) == 1)
        for name in constant where name != "vault_info" {
            #expect(first.metrics.value(name) == 0, "\(name)")
        }
        // Inside the pause nothing is sent.
        let second = instance.collectOutcome()
        #expect(
            second.error?.message
                == "127.0.0.1:8200: connection refused (next attempt in 2 s)", "\(second)")
        #expect(second.metrics.value("vault_up") == 0)
        #expect(host.client.sent.count == sent + 1)
        host.advance(by: .seconds(1))
        _ = instance.collectOutcome()
        #expect(host.client.sent.count == sent + 2)
        host.advance(by: .seconds(1))
        _ = instance.collectOutcome()
        #expect(host.client.sent.count == sent + 2)
        // It comes back by itself.
        vault.fail(nil)
        host.advance(by: .seconds(60))
        #expect(instance.collectOutcome().metrics.value("vault_up") == 1)
        try instance.end()
    }

    /// A server that takes too long: the answer is awaited until the deadline and not longer.
    @Test func slow() throws {
        _ = RecordedVault(host)
        let instance = try start()
        host.client.answer { [host] _ in
            host.advance(by: .seconds(20))
            return .failure(.timeout("no answer within 10 s"))
        }
        let deadline = Deadline(monotonicNanoseconds: host.monotonic + 10_000_000_000)
        let outcome = instance.collectOutcome(deadline: deadline)
        #expect(outcome.error?.kind == .timeout)
        #expect(outcome.metrics.value("vault_up") == 0)
        #expect(outcome.metrics.value("vault_core_unsealed") == 0)
        #expect(host.client.sent[0].deadline == deadline)
        try instance.end()
    }

    /// Nothing stays behind after a thousand failures.
    @Test func failuresLeakNothing() throws {
        let vault = RecordedVault(host)
        vault.fail(.retry("refused"))
        let instance = try start()
        let descriptors = { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") }
        _ = instance.collectOutcome()
        for _ in 0..<1000 {
            host.advance(by: .seconds(61))
            #expect(instance.collectOutcome().metrics.value("vault_up") == 0)
        }
        // Other tests run beside this one.
        #expect(try descriptors().count < 500)
        try instance.end()
    }
}
