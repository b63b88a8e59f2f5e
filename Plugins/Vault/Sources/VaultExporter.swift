import Synchronization
package import WeirSDK

/// Watches one Vault or OpenBao server.
package final class VaultExporter: Exporter {
    /// What is kept from one collection to the next.
    struct State: Sendable {
        var backoff = Backoff()
        /// Why the server could not be reached.
        var lastFailure = ""
        var login: LoginToken?
        /// Of the last answer.
        var version = ""
        var clusterName = ""
        var issuers: [PKIIssuer] = []
        /// When they are read again, on the monotonic clock.
        var issuersDue: UInt64 = 0
    }

    let settings: VaultSettings
    let host: Host
    let source: TokenSource
    private let client = Mutex<Client?>(nil)
    private let kept = Mutex(State())

    package init(settings: VaultSettings, host: Host) throws(ComponentError) {
        try settings.check()
        guard host.httpClient != nil else {
            throw .unsupported("this host has no HTTP client (weir.http-client/1); use a newer one")
        }
        self.settings = settings
        self.host = host
        source = TokenSource(settings)
    }

    package func start(deadline: Deadline) throws(ComponentError) {
        let opened = try host.httpClient?.open(settings.client, .http)
        client.withLock { $0 = opened }
    }

    package func stop(deadline: Deadline) throws(ComponentError) {
        // Closing waits for answers, so not under the lock.
        let open = client.withLock { open in
            defer { open = nil }
            return open
        }
        open?.close()
    }

    package func collect(into metrics: inout Metrics, deadline: Deadline) throws(ComponentError) {
        metrics.usesPrometheusNames = true
        metrics.gauge(.buildInfo, 1, ["version": .string(plugin.version)])
        // One call at a time: nobody changes it in between.
        var state = kept.withLock { $0 }
        defer { kept.withLock { $0 = state } }
        guard let client = client.withLock({ $0 }) else {
            metrics.addUnreachable(state, code: 0)
            throw .cancelled("the exporter is not started")
        }
        let server = VaultServer(
            client: client, namespace: settings.namespace, deadline: deadline)
        let health = try health(server, &state, &metrics)
        var parts = VaultParts(server, health, state)
        parts.collect(self, &metrics)
        state = parts.state
        if let fault = parts.faults.first {
            let others = parts.faults.count - 1
            throw ComponentError(
                fault.kind, fault.message + (others > 0 ? " (and \(others) more faults)" : ""))
        }
    }

    /// Asks for the health and writes it, whatever comes of it.
    private func health(
        _ server: VaultServer, _ state: inout State, _ metrics: inout Metrics
    ) throws(ComponentError) -> VaultHealth {
        if let wait = state.backoff.wait(at: host.monotonic) {
            metrics.addUnreachable(state, code: 0)
            throw .retry(
                after: wait,
                "\(state.lastFailure) (next attempt in \(wait.components.seconds + 1) s)")
        }
        let answer: Answer
        do throws(ComponentError) {
            answer = try server.get("sys/health")
        } catch {
            metrics.addUnreachable(state, code: 0)
            guard error.kind != .cancelled else { throw error }
            state.backoff.failed(at: host.monotonic)
            state.lastFailure = error.message
            throw error
        }
        state.backoff.succeeded()
        do throws(ComponentError) {
            let health = try VaultHealth(answer)
            (state.version, state.clusterName) = (
                health.version.isEmpty ? state.version : health.version,
                health.clusterName.isEmpty ? state.clusterName : health.clusterName
            )
            metrics.addHealth(health, state)
            return health
        } catch {
            metrics.addUnreachable(state, code: answer.code)
            throw error
        }
    }
}

extension Metrics {
    /// What exists on every collection, for a server that does not say how it is.
    fileprivate mutating func addUnreachable(_ state: VaultExporter.State, code: UInt32) {
        for metric in [VaultMetric.up, .unsealed, .initialized, .standby] { gauge(metric, 0) }
        gauge(.healthStatusCode, Double(code))
        addInfo(state)
    }

    fileprivate mutating func addHealth(_ health: VaultHealth, _ state: VaultExporter.State) {
        gauge(.up, 1)
        gauge(.unsealed, health.isInitialized && !health.isSealed)
        gauge(.initialized, health.isInitialized)
        gauge(.standby, health.isStandby)
        gauge(.healthStatusCode, Double(health.code))
        addInfo(state)
        gauge(.performanceStandby, health.isPerformanceStandby)
        for (kind, mode) in health.replication {
            gauge(.replicationMode, 1, ["kind": .string(kind), "mode": .string(mode)])
        }
        if let skew = health.clockSkewSeconds { gauge(.clockSkew, skew) }
        if let text = health.licenseExpiry,
            let moment = CalendarTime(rfc3339: text)?.unixNanoseconds
        {
            gauge(.licenseExpiry, Double(moment) / 1e9)
        }
    }

    private mutating func addInfo(_ state: VaultExporter.State) {
        gauge(
            .info, 1,
            ["version": .string(state.version), "cluster_name": .string(state.clusterName)])
    }
}
