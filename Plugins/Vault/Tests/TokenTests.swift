import Foundation
import Testing
import WeirJSON
import WeirSDK
import WeirTestKit

@testable import VaultPlugin

struct TokenTests {
    private let host = FakeHost()

    private func start(_ settings: String) throws -> TestInstance {
        try host.start(plugin, .exporter, "vault", settings: settings)
    }

    private func login(_ token: String, lease: Int = 3600) -> RecordedVault.Recorded {
        RecordedVault.Recorded(
            body: """
                {"auth":{"client_token":"\(token)","lease_duration":\(lease),"renewable":true,
                "policies":["default"]}}
                """)
    }

    private func paths(_ part: String) -> Int {
        host.client.sent.count { $0.path.contains(part) }
    }

    private func lastToken() -> String? {
        host.client.sent.last?.headers.first { $0.name == "x-vault-token" }?.value
    }

    @Test func fileIsReadAgain() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("first\n", to: "token")
        let vault = RecordedVault(host)
        vault.takes(["first"])
        let instance = try start(#"{"token_file": "\#(file)", "pki": false}"#)
        #expect(try instance.collect().value("vault_token_valid") == 1)
        vault.takes(["second"])
        let expired = instance.collectOutcome()
        #expect(expired.metrics.value("vault_token_valid") == 0)
        #expect(expired.metrics.value("vault_up") == 1)
        #expect(expired.error?.message.contains("has expired or was revoked") == true)
        try folder.write("  second \r\n", to: "token")
        #expect(try instance.collect().value("vault_token_valid") == 1)
        #expect(lastToken() == "second")
        // Without a token there is still the health.
        for (text, message) in [
            ("", "is empty"), ("a\nb", "bytes that no token has"),
            (String(repeating: "x", count: 70_000), "more than 64 KiB"),
        ] {
            try folder.write(text, to: "token")
            let outcome = instance.collectOutcome()
            #expect(outcome.error?.message.contains(message) == true, "\(outcome)")
            #expect(outcome.metrics.value("vault_core_unsealed") == 1)
        }
        folder.remove("token")
        let gone = instance.collectOutcome()
        #expect(gone.error?.message.contains("No such file") == true)
        #expect(gone.metrics.value("vault_collector_success", ["collector": "token"]) == 0)
        try instance.end()
    }

    /// One login, a renewal after two thirds, and a new login once the token is revoked.
    @Test func appRole() throws {
        let vault = RecordedVault(host)
        vault.takes(["a"])
        vault["auth/approle/login"] = login("a")
        vault["auth/token/renew-self"] = login("a")
        let instance = try start(
            #"{"approle": {"role_id": "r1", "secret_id": "s1"}, "pki": false}"#)
        _ = try instance.collect()
        let sent = try #require(host.client.sent.first { $0.path.hasSuffix("login") })
        #expect(sent.method == "POST" && sent.path == "/v1/auth/approle/login")
        #expect(
            String(decoding: sent.body, as: UTF8.self) == #"{"role_id":"r1","secret_id":"s1"}"#)
        host.advance(by: .seconds(2399))
        _ = try instance.collect()
        #expect(paths("login") == 1 && paths("renew-self") == 0)
        host.advance(by: .seconds(1))
        _ = try instance.collect()
        #expect(paths("login") == 1 && paths("renew-self") == 1)
        // Revoked: the same collection logs in again.
        vault.takes(["b"])
        vault["auth/approle/login"] = login("b")
        #expect(try instance.collect().value("vault_token_valid") == 1)
        #expect(paths("login") == 2)
        #expect(lastToken() == "b")
        // And once only, if that does not help.
        vault.takes([])
        let outcome = instance.collectOutcome()
        #expect(outcome.metrics.value("vault_token_valid") == 0)
        #expect(outcome.error?.message.contains("lookup-self answered 403") == true)
        #expect(paths("login") == 3)
        try instance.end()
    }

    @Test func kubernetes() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("eyJ.abc.def", to: "token")
        let vault = RecordedVault(host)
        vault.takes(["k"])
        vault["auth/k8s/prod/login"] = login("k")
        let instance = try start(
            """
            {"kubernetes": {"role": "weir", "mount": "k8s/prod", "token_file": "\(file)"},
            "namespace": "team", "pki": false}
            """)
        #expect(try instance.collect().value("vault_token_valid") == 1)
        let sent = try #require(host.client.sent.first { $0.path.hasSuffix("login") })
        #expect(
            String(decoding: sent.body, as: UTF8.self) == #"{"role":"weir","jwt":"eyJ.abc.def"}"#)
        #expect(sent.headers.contains(Header("x-vault-namespace", "team")))
        try instance.end()
    }

    @Test func refusedLogin() throws {
        let vault = RecordedVault(host)
        vault["auth/approle/login"] = RecordedVault.Recorded(
            code: 400, body: #"{"errors":["invalid role or secret ID"]}"#)
        let instance = try start(
            #"{"approle": {"role_id": "r1", "secret_id": "s3cret"}, "pki": false}"#)
        let outcome = instance.collectOutcome()
        #expect(
            outcome.error?.message.hasPrefix(
                "auth/approle/login answered 400 (invalid role or secret ID): the login failed")
                == true)
        #expect(outcome.metrics.value("vault_token_valid") == 0)
        #expect(outcome.metrics.value("vault_up") == 1)
        try instance.end()
    }

    /// Neither a token nor what is logged in with is ever in a log, an error or a label.
    @Test func secretsStaySecret() throws {
        let vault = RecordedVault(host)
        vault["auth/approle/login"] = login("hvs.LOGIN")
        for code in [200, 307, 400, 403, 500] as [UInt32] {
            vault["sys/metrics?format=prometheus"] = RecordedVault.Recorded(code: code, body: "{")
            vault.takes(code == 403 ? [] : ["hvs.GIVEN", "hvs.LOGIN"])
            for settings in [
                #"{"token": "hvs.GIVEN"}"#,
                #"{"approle": {"role_id": "r", "secret_id": "SECRET-ID"}}"#,
            ] {
                let instance = try start(settings)
                let outcome = instance.collectOutcome()
                let text = "\(outcome) \(host.logs)"
                for secret in ["hvs.", "SECRET-ID"] { #expect(!text.contains(secret), "\(text)") }
                instance.destroy()
            }
        }
    }

    @Test(
        arguments: [
            (3600, true, 0, .use), (3600, true, 2399, .use), (3600, true, 2400, .renew),
            (3600, true, 3599, .renew), (3600, true, 3600, .logIn), (3600, false, 2399, .use),
            (3600, false, 2400, .logIn), (0, true, 1_000_000, .use), (0, false, 1_000_000, .use),
        ] as [(Int, Bool, UInt64, LoginToken.Step)])
    func steps(_ lease: Int, _ renewable: Bool, _ age: UInt64, _ step: LoginToken.Step) throws {
        let json = try JSONValue(
            parsing: Array(
                #"{"auth":{"client_token":"x","lease_duration":\#(lease),"renewable":\#(renewable)}}"#
                    .utf8))
        let token = try #require(LoginToken(json, at: 50))
        #expect(token.step(at: 50 + age * 1_000_000_000) == step)
    }

    /// Towards the longest life that the role allows renewals give less and less.
    @Test func renewalsThatGiveLittle() throws {
        func answer(_ lease: Int) throws -> JSONValue {
            try JSONValue(
                parsing: Array(
                    #"{"auth":{"client_token":"x","lease_duration":\#(lease),"renewable":true}}"#
                        .utf8))
        }
        var token = try #require(LoginToken(try answer(900), at: 0))
        var isRenewed = token.renewed(try answer(400), at: 0)
        #expect(isRenewed)
        #expect(token.step(at: 300_000_000_000) == .renew)
        isRenewed = token.renewed(try answer(200), at: 0)
        #expect(isRenewed)
        #expect(token.step(at: 130_000_000_000) == .use)
        #expect(token.step(at: 140_000_000_000) == .logIn)
        isRenewed = token.renewed(.object([]), at: 0)
        #expect(!isRenewed)
    }
}
