import WeirJSON
import WeirSDK

/// What `sys/health` says, whatever its status: the status is for load balancers, the body for us.
struct VaultHealth: Sendable {
    /// What each status stands for.
    static let states: [UInt32: String] = [
        200: "active", 429: "standby", 472: "disaster recovery secondary",
        473: "performance standby", 474: "standby that cannot reach the active server",
        501: "not initialised", 503: "sealed", 530: "removed from the cluster",
    ]

    var code: UInt32
    var isInitialized: Bool
    var isSealed: Bool
    var isStandby: Bool
    var isPerformanceStandby: Bool
    var version: String
    var clusterName: String
    /// Mode by kind: `performance` and `dr`; empty where the server has no replication.
    var replication: [(kind: String, mode: String)]
    var clockSkewSeconds: Double?
    var licenseExpiry: String?

    /// Throws what is wrong with an answer that is not Vault's.
    init(_ answer: Answer) throws(ComponentError) {
        code = answer.code
        guard VaultHealth.states[code] != nil else {
            throw .refused(VaultHealth.stranger(answer))
        }
        guard let json = try? JSONValue(parsing: answer.body),
            let sealed = json["sealed"]?.boolValue,
            let initialized = json["initialized"]?.boolValue
        else {
            throw .refused(
                "sys/health answered \(code) without Vault's JSON (initialized, sealed): what "
                    + "answers at this endpoint is not Vault, or a proxy before it")
        }
        isInitialized = initialized
        isSealed = sealed
        isStandby = json["standby"]?.boolValue ?? false
        isPerformanceStandby = json["performance_standby"]?.boolValue ?? false
        version = json["version"]?.stringValue ?? ""
        clusterName = json["cluster_name"]?.stringValue ?? ""
        replication = ["performance", "dr"].compactMap { kind in
            guard let mode = json["replication_\(kind)_mode"]?.stringValue, !mode.isEmpty else {
                return nil
            }
            return (kind, mode)
        }
        clockSkewSeconds = json["clock_skew_ms"]?.integerValue.map { Double($0) / 1000 }
        licenseExpiry = json["license"]?["expiry_time"]?.stringValue
    }

    /// Whether it can answer for tokens and secrets.
    var isServing: Bool { isInitialized && !isSealed && code != 472 && code != 530 }

    private static func stranger(_ answer: Answer) -> String {
        if (300..<400).contains(answer.code) {
            let target = HostSettings.printable(answer.header("location") ?? "nowhere")
            return "sys/health answered \(answer.code), a redirect to \(target): set endpoint to "
                + "the server itself, with its scheme"
        }
        return "sys/health answered \(answer.code), which is no status of Vault's "
            + "(200, 429, 472, 473, 474, 501, 503, 530)\(VaultServer.reason(answer))"
    }
}
