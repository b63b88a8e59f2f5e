import Foundation
import Testing
import WeirJSON
import WeirSDK
import WeirTestKit

@testable import VaultPlugin

/// A Vault that plays recorded answers, by path; what it has none for is 404.
final class RecordedVault: @unchecked Sendable {
    // Sendable: behind a lock.
    struct Recorded: Sendable {
        var code: UInt32 = 200
        var body = ""
        var contentType = "application/json"
        var headers: [Header] = []
    }

    private let lock = NSLock()
    private var answers: [String: Recorded] = [:]
    private var tokens: Set<String> = []
    private var failure: ComponentError?

    /// What is answered at `/v1/` + path.
    subscript(path: String) -> Recorded {
        get { lock.withLock { answers[path] ?? Recorded(code: 404, body: #"{"errors":[]}"#) } }
        set { lock.withLock { answers[path] = newValue } }
    }

    /// The tokens that it takes; what needs one is answered with 403 otherwise.
    func takes(_ tokens: Set<String>) { lock.withLock { self.tokens = tokens } }

    /// No answers from now on; `nil`: answers again.
    func fail(_ error: ComponentError?) { lock.withLock { failure = error } }

    private static let open = ["sys/health", "sys/seal-status", "sys/leader", "/login", "/pem"]

    func answer(_ request: SentRequest) -> FakeReply {
        if let failure = lock.withLock({ failure }) { return .failure(failure) }
        let path = String(request.path.dropFirst("/v1/".count))
        let token = request.headers.first { $0.name == "x-vault-token" }?.value ?? ""
        let isOpen = RecordedVault.open.contains { path.hasSuffix($0) }
        if !isOpen, !lock.withLock({ tokens.contains(token) }) {
            return FakeReply(
                code: 403,
                body: Array(#"{"errors":["1 error occurred:\n\t* permission denied\n\n"]}"#.utf8))
        }
        let found = self[path]
        return FakeReply(
            code: found.code, body: Array(found.body.utf8), contentType: found.contentType,
            headers: found.headers)
    }

    /// An active, unsealed server.
    init(_ host: FakeHost) {
        self["sys/health"] = Recorded(body: RecordedVault.health())
        self["sys/seal-status"] = Recorded(
            body: """
                {"type":"shamir","initialized":true,"sealed":false,"t":3,"n":5,"progress":0,
                "nonce":"","version":"1.18.2","build_date":"2025-01-01T00:00:00Z",
                "migration":false,"cluster_name":"prod","cluster_id":"c1","recovery_seal":false,
                "storage_type":"raft"}
                """)
        self["sys/leader"] = Recorded(
            body: """
                {"ha_enabled":true,"is_self":true,"active_time":"2025-01-01T00:00:00Z",
                "leader_address":"https://10.0.0.1:8200","leader_cluster_address":"",
                "performance_standby":false,"raft_committed_index":120,"raft_applied_index":119}
                """)
        self["auth/token/lookup-self"] = Recorded(
            body: """
                {"data":{"ttl":2764,"renewable":true,"expire_time":"2025-01-01T01:00:00Z",
                "policies":["default"],"num_uses":0}}
                """)
        self["sys/metrics?format=prometheus"] = Recorded(
            body: """
                # HELP vault_core_unsealed vault_core_unsealed
                # TYPE vault_core_unsealed gauge
                vault_core_unsealed{cluster="prod"} 1
                # TYPE vault_core_active gauge
                vault_core_active{cluster="prod"} 1
                # TYPE vault_expire_num_leases gauge
                vault_expire_num_leases 12
                # TYPE vault_core_check_token summary
                vault_core_check_token{quantile="0.5"} 0.0389
                vault_core_check_token{quantile="0.99"} NaN
                vault_core_check_token_sum 11.5
                vault_core_check_token_count 97
                # TYPE vault_audit_log_request_failure counter
                vault_audit_log_request_failure 0

                """, contentType: "text/plain; version=0.0.4; charset=utf-8")
        host.client.answer { [self] in answer($0) }
    }

    static func health(
        initialized: Bool = true, sealed: Bool = false, standby: Bool = false,
        performance: Bool = false
    ) -> String {
        """
        {"initialized":\(initialized),"sealed":\(sealed),"standby":\(standby),
        "performance_standby":\(performance),"replication_performance_mode":"disabled",
        "replication_dr_mode":"primary","server_time_utc":1735689600,"version":"1.18.2",
        "enterprise":false,"cluster_name":"prod","cluster_id":"c1","echo_duration_ms":0,
        "clock_skew_ms":0,"replication_primary_canary_age_ms":0}
        """
    }
}

/// Those that exist on every collection.
let constant = [
    "vault_up", "vault_core_unsealed", "vault_initialized", "vault_standby", "vault_info",
    "vault_health_status_code",
]
