import Testing
import WeirSDK
import WeirTestKit

@testable import VaultPlugin

struct PKITests {
    private let host = FakeHost()

    private func certificate(_ subject: String, _ notAfter: Int64) -> Certificate {
        Certificate(
            der: [], notBefore: 0, notAfter: notAfter, subject: subject, issuer: subject,
            serial: "1", sha256: [])
    }

    private func vault() -> RecordedVault {
        let vault = RecordedVault(host)
        vault.takes(["t"])
        vault["sys/mounts"] = RecordedVault.Recorded(
            body: """
                {"data":{"pki/":{"type":"pki"},"secret/":{"type":"kv"},"int/pki/":{"type":"pki"},
                "empty/":{"type":"pki"}}}
                """)
        vault["pki/issuers?list=true"] = RecordedVault.Recorded(
            body: #"{"data":{"keys":["id1","id2"],"key_info":{"id1":{"issuer_name":"root"}}}}"#)
        vault["pki/issuer/id1/pem"] = RecordedVault.Recorded(body: "PEM 1")
        vault["pki/issuer/id2/pem"] = RecordedVault.Recorded(body: "PEM 2")
        // This one does not list its issuers, and this one has none.
        vault["int/pki/ca/pem"] = RecordedVault.Recorded(body: "PEM 3")
        vault["empty/ca/pem"] = RecordedVault.Recorded(code: 204)
        for (pem, subject, end) in [
            ("PEM 1", "CN=root", 2_000_000_000), ("PEM 2", "CN=next", 2_100_000_000),
            ("PEM 3", "CN=int", 1_900_000_000),
        ] {
            host.streams[certificatesIn: Array(pem.utf8)] = [certificate(subject, Int64(end))]
        }
        return vault
    }

    private let expiry = "vault_pki_issuer_expiry_timestamp_seconds"

    @Test func issuers() throws {
        _ = vault()
        let instance = try host.start(
            plugin, .exporter, "vault", settings: #"{"token": "t", "metrics": false}"#)
        let found = try instance.collect()
        #expect(found.named(expiry).count == 3)
        #expect(
            found.value(
                expiry,
                ["mount": "pki", "issuer": "id1", "issuer_name": "root", "subject": "CN=root"])
                == 2_000_000_000)
        #expect(
            found.value(
                expiry,
                ["mount": "int/pki", "issuer": "default", "issuer_name": "", "subject": "CN=int"])
                == 1_900_000_000)
        // They are read again after five minutes, and given in between.
        let sent = host.client.sent.count
        host.advance(by: .seconds(299))
        #expect(try instance.collect().named(expiry).count == 3)
        #expect(!host.client.sent[sent...].contains { $0.path.contains("pki") })
        host.advance(by: .seconds(1))
        _ = try instance.collect()
        #expect(host.client.sent[sent...].contains { $0.path.contains("pki") })
        try instance.end()
    }

    /// A token that may not list mounts is shown those that it may use.
    @Test func mountsOfTheToken() throws {
        let vault = vault()
        vault["sys/mounts"] = RecordedVault.Recorded(code: 403, body: #"{"errors":["no"]}"#)
        vault["sys/internal/ui/mounts"] = RecordedVault.Recorded(
            body: #"{"data":{"auth":{},"secret":{"pki/":{"type":"pki"}}}}"#)
        let instance = try host.start(
            plugin, .exporter, "vault", settings: #"{"token": "t", "metrics": false}"#)
        #expect(try instance.collect().named(expiry).count == 2)
        try instance.end()
    }

    /// What was read stays when reading it again fails.
    @Test func failuresKeepWhatIsKnown() throws {
        let vault = vault()
        let instance = try host.start(
            plugin, .exporter, "vault", settings: #"{"token": "t", "metrics": false}"#)
        _ = try instance.collect()
        vault["pki/issuer/id2/pem"] = RecordedVault.Recorded(code: 500)
        host.advance(by: .seconds(400))
        let outcome = instance.collectOutcome()
        #expect(outcome.error?.message.contains("pki/issuer/id2/pem answered 500") == true)
        #expect(outcome.metrics.named(expiry).count == 3)
        #expect(outcome.metrics.value("vault_collector_success", ["collector": "pki"]) == 0)
        try instance.end()
    }

    @Test func namedMountsNeedNoToken() throws {
        _ = vault()
        let instance = try host.start(
            plugin, .exporter, "vault",
            settings: #"{"pki_mounts": ["/int/pki/"], "metrics": false}"#)
        #expect(try instance.collect().named(expiry).count == 1)
        try instance.end()
    }
}
