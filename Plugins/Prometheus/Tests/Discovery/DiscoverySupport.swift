import Synchronization
import WeirJSON
import WeirPrometheus
import WeirSDK
import WeirTestKit

@testable import PrometheusPlugin

/// Targets as a job sees them: what groups say at last.
final class FoundTargets: Sendable {
    private struct State {
        var groups: [String: TargetGroup] = [:]
        var calls: [[TargetGroup]] = []
    }

    private let state = Mutex(State())

    func take(_ groups: [TargetGroup]) {
        state.withLock { state in
            state.calls.append(groups)
            for group in groups {
                state.groups[group.source] = group.targets.isEmpty ? nil : group
            }
        }
    }

    /// Each target with the labels of its group, in the order of addresses.
    var all: [Labels] {
        let groups = state.withLock { $0.groups.values.sorted { $0.source < $1.source } }
        return groups.flatMap { group in
            group.targets.map { Labels(group.labels.all + $0.all) }
        }.sorted { $0["__address__"] < $1["__address__"] }
    }

    var addresses: [String] { all.map { $0["__address__"] } }
    var sources: [String] { state.withLock { $0.groups.keys.sorted() } }
    /// How many groups each call brought.
    var calls: [Int] { state.withLock { $0.calls.map(\.count) } }
}

/// One job's way through service discovery.
final class DiscoveryRun: Sendable {
    let host: FakeHost
    let found = FoundTargets()
    let discovery: Discovery

    /// - Parameter json: the keys of a scrape config.
    init(
        _ json: String, host: FakeHost = FakeHost(), cluster: ClusterEnvironment = .none
    ) throws {
        self.host = host
        discovery = Discovery(host: host.asSeenByPlugin, cluster: cluster)
        let config = try discoveryConfig(json)
        try discovery.add(config) { [found] in found.take($0) }
        try discovery.start()
    }

    func stop() { discovery.stop() }

    var warnings: [String] {
        host.logs.filter { $0.level == .warning }.map(\.message)
    }
}

func discoveryConfig(_ json: String) throws -> DiscoveryConfig {
    try HostSettings(try JSONValue(parsing: json)).decode(DiscoveryConfig.self)
}

extension ClusterEnvironment {
    static let none = ClusterEnvironment(host: "", port: "", serviceAccountDirectory: "/none")
}

extension FakeReply {
    static func json(_ text: String, code: UInt32 = 200) -> FakeReply {
        FakeReply(code: code, body: Array(text.utf8), contentType: "application/json")
    }
}

func labels(_ pairs: KeyValuePairs<String, String>) -> Labels {
    Labels(pairs.map { Label($0.key, $0.value) })
}
