import WeirSDK

/// The metrics that this plugin makes itself; a family of the server's telemetry with such a name is
/// left out.
enum VaultMetric: String, CaseIterable {
    case up = "vault_up"
    case unsealed = "vault_core_unsealed"
    case initialized = "vault_initialized"
    case standby = "vault_standby"
    case info = "vault_info"
    case healthStatusCode = "vault_health_status_code"
    case performanceStandby = "vault_performance_standby"
    case replicationMode = "vault_replication_mode"
    case clockSkew = "vault_clock_skew_seconds"
    case licenseExpiry = "vault_license_expiry_timestamp_seconds"
    case sealInfo = "vault_seal_info"
    case sealShares = "vault_seal_shares"
    case sealThreshold = "vault_seal_threshold"
    case sealProgress = "vault_seal_progress"
    case haEnabled = "vault_ha_enabled"
    case leader = "vault_leader"
    case leaderKnown = "vault_leader_known"
    case raftCommitted = "vault_raft_committed_index"
    case raftApplied = "vault_raft_applied_index"
    case tokenValid = "vault_token_valid"
    case tokenTTL = "vault_token_ttl_seconds"
    case tokenRenewable = "vault_token_renewable"
    case irrevocableLeases = "vault_irrevocable_leases"
    case pkiExpiry = "vault_pki_issuer_expiry_timestamp_seconds"
    case collectorSuccess = "vault_collector_success"
    case buildInfo = "vault_exporter_build_info"

    static let names = Set(allCases.map(\.rawValue))

    var help: String {
        switch self {
        case .up: "Whether the server answered with its health."
        case .unsealed: "Whether the server is unsealed; 0 also while it does not answer."
        case .initialized: "Whether the server is initialised; 0 also while it does not answer."
        case .standby: "Whether the server is a standby; 0 also while it does not answer."
        case .info: "The server's version and cluster; of the last answer while there is none."
        case .healthStatusCode: "The status of sys/health; 0: no answer."
        case .performanceStandby: "Whether the server is a performance standby."
        case .replicationMode: "Replication, by kind (dr, performance) and mode."
        case .clockSkew: "How far the clocks of a standby and the active server differ."
        case .licenseExpiry: "When the licence ends, in seconds since 1970."
        case .sealInfo: "The type of the seal and of the storage."
        case .sealShares: "Shares of the unseal or recovery key."
        case .sealThreshold: "Shares that it takes to unseal."
        case .sealProgress: "Shares that were given in the unsealing that is under way."
        case .haEnabled: "Whether the server is one of a cluster."
        case .leader: "Whether the server is the active one of its cluster."
        case .leaderKnown: "Whether the server knows the address of the active one."
        case .raftCommitted: "The last index of Raft's log that is committed."
        case .raftApplied: "The last index of Raft's log that is applied."
        case .tokenValid: "Whether the server takes the exporter's token."
        case .tokenTTL: "How long the exporter's token still lives."
        case .tokenRenewable: "Whether the exporter's token can be renewed."
        case .irrevocableLeases: "Leases that the server has given up revoking."
        case .pkiExpiry: "When an authority's certificate ends, in seconds since 1970."
        case .collectorSuccess: "Whether this part of the collection succeeded."
        case .buildInfo: "The version of this exporter."
        }
    }
}

extension Metrics {
    mutating func gauge(_ metric: VaultMetric, _ value: Double, _ attributes: Attributes = [:]) {
        gauge(metric.rawValue, help: metric.help, value, attributes)
    }

    mutating func gauge(_ metric: VaultMetric, _ flag: Bool, _ attributes: Attributes = [:]) {
        gauge(metric, flag ? 1 : 0, attributes)
    }
}
