import WeirJSON
import WeirPrometheus
import WeirSDK

/// What is collected beside the health. A part that fails leaves the others alone.
struct VaultParts {
    let server: VaultServer
    let health: VaultHealth
    var state: VaultExporter.State
    private(set) var faults: [ComponentError] = []

    init(_ server: VaultServer, _ health: VaultHealth, _ state: VaultExporter.State) {
        self.server = server
        self.health = health
        self.state = state
    }

    mutating func collect(_ exporter: VaultExporter, _ metrics: inout Metrics) {
        let settings = exporter.settings
        part("seal_status", &metrics) { (parts, metrics) throws(ComponentError) in
            let path = "sys/seal-status"
            metrics.addSealStatus(try VaultServer.json(parts.server.get(path), of: path))
        }
        guard health.isServing else { return }
        part("leader", &metrics) { (parts, metrics) throws(ComponentError) in
            let path = "sys/leader"
            metrics.addLeader(try VaultServer.json(parts.server.get(path), of: path))
        }
        var token: String?
        if case .none = exporter.source {
        } else {
            part("token", &metrics) { (parts, metrics) throws(ComponentError) in
                token = try parts.lookUpToken(exporter, &metrics)
            }
            // Nothing of what follows goes well without it.
            if token == nil { return }
        }
        if settings.metrics, token == nil || !health.isStandby || health.isPerformanceStandby {
            part("metrics", &metrics) { (parts, metrics) throws(ComponentError) in
                try parts.telemetry(token, &metrics)
            }
        }
        if settings.leases {
            part("leases", &metrics) { (parts, metrics) throws(ComponentError) in
                let path = "sys/leases/count?type=irrevocable"
                let json = try VaultServer.json(parts.server.get(path, token: token), of: path)
                guard let count = json["data"]?["lease_count"]?.integerValue else {
                    throw .refused("\(path) answered without data.lease_count")
                }
                metrics.gauge(.irrevocableLeases, Double(count))
            }
        }
        if settings.pki, token != nil || !settings.pkiMounts.isEmpty {
            part("pki", &metrics) { (parts, metrics) throws(ComponentError) in
                defer { for issuer in parts.state.issuers { metrics.add(issuer) } }
                try parts.readIssuers(exporter, token)
            }
        }
    }

    private mutating func part(
        _ name: String, _ metrics: inout Metrics,
        _ body: (inout VaultParts, inout Metrics) throws(ComponentError) -> Void
    ) {
        var succeeded = true
        do throws(ComponentError) {
            try body(&self, &metrics)
        } catch {
            faults.append(error)
            succeeded = false
        }
        metrics.gauge(.collectorSuccess, succeeded, ["collector": .string(name)])
    }

    /// The token, if the server takes it; a login's that was revoked is replaced.
    private mutating func lookUpToken(
        _ exporter: VaultExporter, _ metrics: inout Metrics
    ) throws(ComponentError) -> String? {
        let path = "auth/token/lookup-self"
        for attempt in 1...2 {
            let before = state.login?.text
            let token: String?
            do throws(ComponentError) {
                token = try exporter.source.token(
                    &state.login, from: server, at: exporter.host.monotonic)
            } catch {
                metrics.gauge(.tokenValid, false)
                throw error
            }
            let answer = try server.get(path, token: token)
            if answer.code == 200 {
                metrics.gauge(.tokenValid, true)
                metrics.addToken(try VaultServer.json(answer, of: path)["data"] ?? .null)
                return token
            }
            guard answer.code == 403 else { throw VaultServer.refusal(answer, of: path) }
            state.login = nil
            // A token that is fresh from a login will not get better.
            let isOld = before == token
            guard attempt == 1, exporter.source.logsIn, isOld else { break }
        }
        metrics.gauge(.tokenValid, false)
        throw .refused(
            "\(path) answered 403: the token has expired or was revoked, or the policy default, "
                + "which lets a token look at itself, was taken from it")
    }

    private func telemetry(
        _ token: String?, _ metrics: inout Metrics
    ) throws(ComponentError) {
        let path = "sys/metrics?format=prometheus"
        let answer = try server.get(path, token: token)
        guard answer.code == 200 else {
            let advice =
                switch answer.code {
                case 403:
                    "the token lacks read on sys/metrics, or there is no token and "
                        + "unauthenticated_metrics_access is off in the server's listener"
                case 400: "prometheus_retention_time may be 0 in the server's telemetry settings"
                case 404: "this server does not have it, or the namespace is not the root"
                default: ""
                }
            throw VaultServer.refusal(answer, of: "sys/metrics", advice: advice)
        }
        let read: ReadExposition
        do throws(ExpositionError) {
            read = try readFamilies(answer.body, contentType: answer.contentType)
        } catch {
            throw .refused("sys/metrics answered with something that is not Prometheus': \(error)")
        }
        for family in read.families where !VaultMetric.names.contains(family.name) {
            metrics.add(family)
        }
    }

    private mutating func readIssuers(
        _ exporter: VaultExporter, _ token: String?
    ) throws(ComponentError) {
        let now = exporter.host.monotonic
        guard now >= state.issuersDue else { return }
        guard let streams = exporter.host.streams else {
            throw .unsupported("this host reads no certificates (weir.stream/1); use a newer one")
        }
        let reading = PKIReading(server: server, token: token) {
            (pem) throws(ComponentError) in try streams.certificates(in: pem)
        }
        state.issuers = try reading.issuers(of: exporter.settings.pkiMounts)
        state.issuersDue = now &+ exporter.settings.pkiInterval.clampedNanoseconds
    }
}

extension Metrics {
    fileprivate mutating func add(_ issuer: PKIIssuer) {
        gauge(.pkiExpiry, Double(issuer.notAfter), issuer.attributes)
    }
}
