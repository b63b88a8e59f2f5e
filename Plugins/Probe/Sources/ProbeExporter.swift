import Synchronization
package import WeirSDK

/// Probes servers from outside, under blackbox_exporter's names.
package final class ProbeExporter: Exporter {
    /// Probes at once: as many servers may hang before another one has to wait.
    private static let lanes = 32
    /// What is left for answering when the time for probing is over.
    private static let reserve: Duration = .milliseconds(500)

    private struct Target: Sendable {
        let target: String
        let hostname: String?
        let module: ProbeModule
        let labels: Attributes
    }

    private let host: Host
    private let streams: Streams
    private let targets: [Target]
    private let log: SparseLog

    package init(settings: ProbeSettings, host: Host) throws(ComponentError) {
        guard let streams = host.streams else {
            throw .unsupported("this host has no byte streams (weir.stream/1); use a newer one")
        }
        guard let expressions = host.regex else {
            throw .unsupported(
                "this host has no regular expressions (weir.regex/1); use a newer one")
        }
        self.host = host
        self.streams = streams
        log = SparseLog(host)
        var modules: [String: ProbeModule] = [:]
        let all = ModuleSettings.builtIn.merging(settings.modules ?? [:]) { $1 }
        for (name, module) in all.sorted(by: { $0.key < $1.key }) {
            modules[name] = try ProbeModule(module, name, expressions)
        }
        func module(_ name: String?) throws(ComponentError) -> ProbeModule {
            let name = name ?? "http_2xx"
            if let module = modules[name] { return module }
            throw .invalid(
                "there is no module '\(name)'; there are \(modules.keys.sorted().joined(separator: ", "))"
            )
        }
        var targets: [Target] = []
        for name in [settings.hostname] + (settings.targets ?? []).map(\.hostname) {
            guard name.map(ProbeURL.isPlain) ?? true else {
                throw .invalid("hostname has a blank or a control character, expected a name")
            }
        }
        if let target = settings.target, !target.isEmpty {
            targets.append(
                Target(
                    target: target, hostname: settings.hostname,
                    module: try module(settings.module),
                    labels: [:]))
        }
        for target in settings.targets ?? [] {
            var labels: Attributes = [
                "target": .string(target.name ?? HostSettings.printable(target.target)),
                "module": .string(target.module ?? "http_2xx"),
            ]
            for (key, value) in (target.labels ?? [:]).sorted(by: { $0.key < $1.key }) {
                guard key != "target" && key != "module" else {
                    throw .invalid(
                        "label '\(key)' of target \(HostSettings.printable(target.target)) is set "
                            + "already; name: gives target another value")
                }
                labels.append(key, .string(value))
            }
            guard !targets.contains(where: { $0.labels == labels }) else {
                throw .invalid(
                    "target \(HostSettings.printable(target.target)) is there twice with the same "
                        + "labels; give one of them a name or a label of its own")
            }
            targets.append(
                Target(
                    target: target.target, hostname: target.hostname,
                    module: try module(target.module), labels: labels))
        }
        self.targets = targets
    }

    package func collect(
        into metrics: inout Metrics, deadline: Deadline
    ) throws(ComponentError) {
        metrics.usesPrometheusNames = true
        let found = Mutex([Int: Readings]())
        let rounds = (targets.count + ProbeExporter.lanes - 1) / ProbeExporter.lanes
        Threads.forEach(targets.count, limit: ProbeExporter.lanes) { [self] index in
            let readings = probe(targets[index], deadline, rounds: rounds)
            found.withLock { $0[index] = readings }
        }
        let readings = found.withLock { $0 }
        for (index, target) in targets.enumerated() {
            readings[index]?.write(to: &metrics, target.labels)
        }
    }

    private func probe(_ target: Target, _ deadline: Deadline, rounds: Int) -> Readings {
        let start = host.monotonic
        var attempt = Attempt(host, streams, end(target.module, deadline, rounds))
        var isWell = true
        do throws(ProbeFailure) {
            try target.module.prober.probe(target.target, hostname: target.hostname, &attempt)
        } catch {
            isWell = false
            log.warn("\(HostSettings.printable(target.target)): \(error.message)")
        }
        attempt.readings.set(
            "probe_success", Double(isWell), help: "1: the target is as it should be.")
        attempt.readings.set(
            "probe_duration_seconds", Double(host.monotonic - start) / 1e9,
            help: "How long the probe took.")
        return attempt.readings
    }

    /// The earlier of the module's timeout and the collection's deadline. Of more targets than can be
    /// probed at once, one without a timeout leaves the others their share.
    private func end(_ module: ProbeModule, _ deadline: Deadline, _ rounds: Int) -> Deadline {
        guard var left = host.remaining(until: deadline) else {
            return host.deadline(in: module.timeout ?? .seconds(120))
        }
        if left > ProbeExporter.reserve * 2 { left -= ProbeExporter.reserve }
        return host.deadline(in: min(left, module.timeout ?? left / rounds))
    }
}
