import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// Every state of a server is data; what is wrong with a token is said, and the token is not.
    @Test(.timeLimit(.minutes(3))) func vaultInEveryState() async throws {
        let vault = try await PlayedVault()
        let weir = try await VaultWeir(
            vault, "token_file: FOLDER/token, timeout: 2s, leases: true, pki_interval: 1s",
            token: "hvs.end-to-end\n")
        let active = try await weir.page { $0.value("vault_token_ttl_seconds") == 1800 }
        let constant = [
            "vault_up", "vault_core_unsealed", "vault_initialized", "vault_standby", "vault_info",
            "vault_health_status_code",
        ]
        #expect(active.value("vault_core_unsealed") == 1)
        #expect(active["vault_core_unsealed"]?.samples.count == 1)
        #expect(active["vault_core_handle_request"]?.type == "summary")
        #expect(active.value("vault_core_handle_request", ["quantile": "0.9"]) == 0.4072)
        #expect(active["vault_audit_log_request_failure"]?.type == "counter")
        #expect(active.value("vault_expire_num_leases") == 42)
        #expect(active.value("vault_irrevocable_leases") == 2)
        #expect(
            active.value("vault_info", ["version": "1.18.3", "cluster_name": "vault-cluster-e2e"])
                == 1)
        #expect(
            active.value(
                "vault_pki_issuer_expiry_timestamp_seconds",
                ["mount": "pki", "issuer_name": "root"])
                == Double(vault.notAfter))
        for name in try metricNames(inShared: "vault", prefixes: ["vault_"]) {
            #expect(active.has(name), "share names \(name)")
        }
        for code in ["429", "472", "473", "474", "501", "503", "530", "200"] {
            try await vault.play(code)
            let page = try await weir.page {
                $0.value("vault_health_status_code") == Double(code)
            }
            #expect(page.value("vault_up") == 1, "\(code)")
            #expect(
                page.value("vault_core_unsealed") == (["501", "503"].contains(code) ? 0 : 1))
            #expect(page.value("vault_initialized") == (code == "501" ? 0 : 1))
            for name in constant { #expect(page[name]?.samples.count == 1, "\(code): \(name)") }
        }
        for (state, message) in [
            ("garbage", "not Vault"), ("redirect", "a redirect to https://vault.example"),
            ("slow", "collection failed"),
        ] {
            try await vault.play(state)
            let page = try await weir.page { $0.value("vault_up") == 0 }
            for name in constant { #expect(page[name]?.samples.count == 1, "\(state): \(name)") }
            #expect(await weir.weir.logs(message), "\(state)\n\(weir.weir.log)")
            try await vault.play("200")
            _ = try await weir.page { $0.value("vault_up") == 1 }
        }
        // The token expires, and its file is replaced.
        try weir.kept.write("hvs.gone", to: "token")
        let expired = try await weir.page { $0.value("vault_token_valid") == 0 }
        #expect(expired.value("vault_up") == 1)
        #expect(await weir.weir.logs("has expired or was revoked"))
        try weir.kept.write("hvs.end-to-end", to: "token")
        _ = try await weir.page { $0.value("vault_token_valid") == 1 }
        #expect(!weir.weir.log.contains("hvs."))
        #expect(try await weir.weir.stop() == 0)
    }

    /// A server that is gone is zeros, and comes back by itself.
    @Test(.timeLimit(.minutes(2))) func vaultThatRestarts() async throws {
        let vault = try await PlayedVault()
        let weir = try await VaultWeir(
            vault, "approle: {role_id: r, secret_id: s3cret}", token: "")
        _ = try await weir.page { $0.value("vault_token_valid") == 1 }
        // Revoked: it logs in again.
        let logins = try await vault.play("200")
        try await vault.play("expired")
        #expect(await eventually(within: 10) { (try? await vault.play("200")) ?? 0 > logins })
        vault.stop()
        let gone = try await weir.page { $0.value("vault_up") == 0 }
        #expect(gone.value("vault_core_unsealed") == 0)
        #expect(gone.value("vault_info", ["version": "1.18.3"]) == 1)
        try await vault.start()
        _ = try await weir.page { $0.value("vault_up") == 1 }
        #expect(!weir.weir.log.contains("s3cret") && !weir.weir.log.contains("hvs."))
        #expect(try await weir.weir.stop() == 0)
    }

    /// On its own, as a drop-in on a port.
    @Test(.timeLimit(.minutes(1))) func vaultAlone() async throws {
        let vault = try await PlayedVault()
        try await vault.play("503")
        let server = try await MetricsServer.weir("vault", ["--endpoint", vault.url])
        let page = try await server.metrics()
        #expect(page.value("vault_core_unsealed") == 0)
        #expect(page.value("vault_health_status_code") == 503)
        #expect(page.value("vault_seal_progress") == 1)
        #expect(try await server.stop() == 0)
    }
}

/// Clients/vault.py, until it is released.
private final class PlayedVault {
    let folder: TemporaryFolder
    /// The end of the authority's certificate, in seconds since 1970.
    private(set) var notAfter = 0
    private let port: Int
    private var process: RunningProcess?

    var url: String { "http://127.0.0.1:\(port)" }

    init() async throws {
        folder = try TemporaryFolder()
        port = try await freePorts(1)[0]
        let made = try await Command.shell(
            """
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
              -subj /CN=root -keyout key.pem -out ca.pem 2> openssl.log
            date -d "$(openssl x509 -in ca.pem -noout -enddate | cut -d= -f2)" +%s
            """, folder: folder.path)
        notAfter = Int(made.output.split(separator: "\n").last ?? "") ?? 0
        try await start()
    }

    deinit { stop() }

    func start() async throws {
        let log = "\(folder.path)/vault.log"
        process = try Command(
            Build.python, ["\(Build.clients)/vault.py", "\(port)", folder.path]
        ).start(output: log, errors: log)
        guard await eventually(within: 20, { (try? await play("200")) != nil }) else {
            throw Failure(
                "the played Vault did not start: \((try? folder.read("vault.log")) ?? "")")
        }
    }

    func stop() { process?.kill() }

    /// Sets the state, and gives the number of logins.
    @discardableResult
    func play(_ state: String) async throws -> Int {
        let answer = try await Answer.get("\(url)/play/\(state)")
        let digits = answer.text.filter(\.isNumber)
        guard answer.status == 200, let logins = Int(digits) else { throw Failure(answer.text) }
        return logins
    }
}

/// weir with the exporter, its token in a file, and a page.
private struct VaultWeir {
    let paged: PagedWeir
    let kept: TemporaryFolder

    var weir: Weir { paged.weir }

    init(_ vault: PlayedVault, _ settings: String, token: String) async throws {
        kept = try TemporaryFolder()
        let file = try kept.write(token, to: "token")
        let settings = settings.replacing("FOLDER/token", with: file)
        paged = try await PagedWeir(
            "  vault: {endpoint: \"\(vault.url)\", interval: 200ms, initial_delay: 0s, \(settings)}",
            ids: "vault")
    }

    func page(_ isRight: (Exposition) -> Bool) async throws -> Exposition {
        try await paged.page(isRight)
    }
}
