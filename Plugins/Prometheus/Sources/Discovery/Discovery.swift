import Synchronization
import WeirSDK

/// The discoverers of a receiver: jobs that look for the same things share one.
///
/// ```swift
/// let discovery = Discovery(host: host)
/// try discovery.add(job.discovery) { groups in ... }   // once per job
/// try discovery.start()
/// discovery.stop()
/// ```
final class Discovery: Sendable {
    /// One way of finding targets, for status pages.
    struct Status: Sendable {
        /// `file_sd_configs` and what it looks at.
        var name: String
        var groups: Int
        var targets: Int
        var failures: Int
        /// Why the last attempt failed; empty if it did not.
        var lastError: String
        /// What is no failure, and yet hardly meant.
        var remark: String
    }

    private struct State {
        var providers: [(key: DiscoverySource, provider: Provider)] = []
        var statics: [(outlet: Outlet, groups: [TargetGroup])] = []
        var outlets: [Outlet] = []
    }

    private let host: Host
    private let clients: ClientPool
    private let cluster: ClusterEnvironment
    private let state = Mutex(State())

    init(host: Host, cluster: ClusterEnvironment = .process) {
        self.host = host
        self.cluster = cluster
        clients = ClientPool(host)
    }

    /// Adds a job, before `start`. `update` gets the groups that changed, one call at a time, on any
    /// thread; sources are unique within the job. Each way of finding targets makes at least one
    /// call as soon as it knows something, be it that there is nothing.
    func add(
        _ config: DiscoveryConfig, _ update: @escaping @Sendable ([TargetGroup]) -> Void
    ) throws(ComponentError) {
        let outlet = Outlet(update)
        state.withLock { $0.outlets.append(outlet) }
        if let groups = config.staticGroups {
            state.withLock { $0.statics.append((outlet, groups)) }
        }
        for (index, source) in config.sources.enumerated() {
            let provider = try provider(source)
            provider.add(outlet, prefix: "\(source.name)/\(index)/")
        }
    }

    private func provider(_ source: DiscoverySource) throws(ComponentError) -> Provider {
        let known = state.withLock { state in
            state.providers.first { $0.key == source }?.provider
        }
        if let known { return known }
        let health = DiscoveryHealth(source.title, host: host)
        let discoverer = try source.discoverer(host, clients, cluster, health)
        let provider = Provider(discoverer, health)
        state.withLock { $0.providers.append((source, provider)) }
        return provider
    }

    func start() throws(ComponentError) {
        let (statics, providers) = state.withLock { ($0.statics, $0.providers) }
        for (outlet, groups) in statics { outlet.send(groups) }
        for (_, provider) in providers { try provider.start() }
    }

    /// Ends all of them. No update begins after it has returned; do not hold a lock here that
    /// `update` takes.
    func stop() {
        let (outlets, providers) = state.withLock { ($0.outlets, $0.providers) }
        for outlet in outlets { outlet.end() }
        for (_, provider) in providers { provider.stop() }
        clients.close()
    }

    /// All that look for something; static targets do not.
    var status: [Status] {
        state.withLock { $0.providers }.map { source, provider in
            let (groups, targets) = provider.size
            let report = provider.health.report
            return Status(
                name: source.title, groups: groups, targets: targets, failures: report.failures,
                lastError: report.lastError, remark: report.remark)
        }
    }
}
