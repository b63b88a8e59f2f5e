import Foundation
import HsmPlugin
import Testing
import WeirSDK
import WeirTestKit

/// Real tokens of SoftHSM, seen through the worker.
@Suite(.serialized) struct SoftHSMTests {
    static let keys = [
        "--keypairgen --key-type rsa:2048 --label rsa --id 01",
        "--keypairgen --key-type EC:prime256v1 --label ec --id 02",
        "--keygen --key-type AES:32 --label aes --id 03",
    ]

    let host = FakeHost()

    func settings(_ hsm: SoftHSM, _ more: String = "") -> String {
        """
        {"module": "\(SoftHSM.module)", "environment": {"SOFTHSM2_CONF": "\(hsm.configuration)"}\(more)}
        """
    }

    func start(_ settings: String) throws -> TestInstance {
        try host.start(plugin, .exporter, "hsm", settings: settings)
    }

    @Test(.timeLimit(.minutes(2))) func readsTheTokenAndProbesItsKeys() throws {
        let hsm = try SoftHSM(keys: Self.keys)
        try hsm.addCertificate(label: "signing", token: "weir test")
        let exporter = try start(
            settings(
                hsm,
                """
                , "namespace": "qsign", "token": "weir test", "pin": "\(SoftHSM.pin)", "probe": [
                {"key": "rsa"}, {"key": "rsa", "mechanism": "rsa_pss"}, {"key": "ec"}, {"key": "aes"},
                {"key": "nothing"}]
                """))
        _ = try exporter.collect()
        let metrics = try exporter.collect()
        let whole: Attributes = ["token": "weir test"]
        #expect(metrics.named("qsign_hsm_up").map(\.value) == [.integer(1)])
        let active = try #require(metrics.named("qsign_hsm_connections_active").first)
        #expect(active.value == .integer(1) && active.attributes == whole)
        #expect(metrics.points.allSatisfy { $0.isPrometheus })
        func value(_ name: String, _ labels: [String: String]) -> CollectedMetrics.Value? {
            metrics.named("qsign_hsm_" + name).first { point in
                labels.allSatisfy { label in
                    point.attributes.contains {
                        $0.key == label.key && $0.value == .string(label.value)
                    }
                }
            }?.value
        }
        let token = ["token": "weir test"]
        #expect(
            value("token_info", token.merging(["manufacturer": "SoftHSM project"]) { $1 }) != nil)
        #expect(
            value("token_flag", token.merging(["flag": "token_initialized"]) { $1 }) == .integer(1))
        #expect(
            value("token_flag", token.merging(["flag": "user_pin_locked"]) { $1 }) == .integer(0))
        #expect(value("objects", token.merging(["class": "private_key"]) { $1 }) == .integer(2))
        #expect(value("objects", token.merging(["class": "secret_key"]) { $1 }) == .integer(1))
        #expect(value("objects", token.merging(["class": "certificate"]) { $1 }) == .integer(1))
        // SoftHSM says that it knows neither its sessions nor its memory, and no limits.
        #expect(metrics.named("qsign_hsm_sessions").isEmpty)
        #expect(metrics.named("qsign_hsm_memory_free_bytes").isEmpty)
        #expect(metrics.named("qsign_hsm_sessions_max").isEmpty)
        guard
            case .integer(let end)? = value(
                "certificate_expiry_timestamp_seconds",
                ["label": "signing", "subject": "signing.example", "id": "07"])
        else {
            Issue.record("no certificate")
            return
        }
        #expect(abs(Double(end) - Date.now.timeIntervalSince1970 - 30 * 86400) < 600)
        for (key, mechanism) in [
            ("rsa", "rsa_pkcs"), ("rsa", "rsa_pss"), ("ec", "ecdsa"), ("aes", "aes_gcm"),
        ] {
            #expect(
                value("probe_success", ["key": key, "mechanism": mechanism]) == .integer(1),
                "\(key) \(mechanism)")
        }
        #expect(value("probe_success", ["key": "nothing"]) == .integer(0))
        #expect(value("errors_total", ["code": "CKR_KEY_HANDLE_INVALID"]) == .integer(2))
        let lines = host.logs.map(\.message).filter {
            $0.contains("the key 'nothing' on the token 'weir test' is not found; keys there: ")
        }
        #expect(lines.count == 1 && lines[0].contains("'rsa'"), "\(host.logs.map(\.message))")
        guard
            case .histogram(_, _, let count, let sum)? = value(
                "sign_duration_seconds", ["key": "ec", "mechanism": "ecdsa", "token": "weir test"])
        else {
            Issue.record("no histogram of signatures")
            return
        }
        #expect(count == 2 && sum > 0 && sum < 10)
        #expect(value("worker_starts_total", [:]) == .integer(1))
        #expect(
            Set(metrics.points.map { "\($0.name)\($0.attributes)" }).count == metrics.points.count)
        try exporter.end()
        #expect(!host.logs.contains { $0.message.contains(SoftHSM.pin) })
    }

    @Test func seesAllTokensWithoutAPIN() throws {
        let hsm = try SoftHSM(label: "one")
        try hsm.addToken("two")
        let exporter = try start(settings(hsm))
        let metrics = try exporter.collect()
        #expect(metrics.named("hsm_token_up").count >= 2)
        #expect(metrics.named("hsm_connections_active").first?.value == .integer(2))
        #expect(metrics.named("hsm_connections_active").first?.attributes == ["token": ""])
        try exporter.end()
    }

    @Test func aTokenThatIsNotThereIsZeroAndComesBack() throws {
        let hsm = try SoftHSM(label: "one")
        let exporter = try start(settings(hsm, #", "token": "two""#))
        let (metrics, error) = exporter.collectOutcome()
        #expect(metrics.named("hsm_up").map(\.value) == [.integer(0)])
        #expect(metrics.named("hsm_connections_active").map(\.value) == [.integer(0)])
        #expect(metrics.named("hsm_connections_active").first?.attributes == ["token": "two"])
        #expect(error?.message.contains("does not have the token 'two'") == true)
        #expect(error?.message.contains("'one'") == true)
        try hsm.addToken("two")
        let waiting = exporter.collectOutcome().error
        #expect(waiting?.message.contains("(next attempt in") == true)
        host.advance(by: .seconds(15))
        #expect(try exporter.collect().named("hsm_up").first?.value == .integer(1))
        try exporter.end()
    }

    @Test func aWrongPINOfSoftHSMIsSaidAndKeptSecret() throws {
        let hsm = try SoftHSM()
        let exporter = try start(settings(hsm, #", "token": "weir test", "pin": "hunter2-wrong""#))
        let error = exporter.collectOutcome().error
        #expect(error?.kind == .refused)
        #expect(error?.message.contains("CKR_PIN_INCORRECT") == true)
        #expect(error?.message.contains("hunter2") == false)
        try exporter.end()
        #expect(!host.logs.contains { $0.message.contains("hunter2") })
    }
}
