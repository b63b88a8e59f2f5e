import Synchronization
package import WeirSDK

/// Probes servers from outside, under blackbox_exporter's names.
package final class ProbeExporter: Exporter {
    /// Probes at once: as many servers may hang before another one has to wait. Each has the whole
    /// time of its module, however many they are.
    private static let lanes = 128
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
    private let complaints: Complaints

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
        complaints = Complaints(host)
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
        let found = Mutex([Int: (readings: Readings, failure: String?)]())
        Threads.forEach(targets.count, limit: ProbeExporter.lanes) { [self] index in
            let result = probe(targets[index], deadline)
            found.withLock { $0[index] = result }
        }
        let results = found.withLock { $0 }
        var outcomes: [Complaints.Outcome] = []
        for (index, target) in targets.enumerated() {
            guard let result = results[index] else { continue }
            result.readings.write(to: &metrics, target.labels)
            outcomes.append(
                Complaints.Outcome(
                    key: "\(index)", name: HostSettings.printable(target.target),
                    reason: result.failure))
        }
        complaints.report(outcomes)
    }

    private func probe(
        _ target: Target, _ deadline: Deadline
    ) -> (readings: Readings, failure: String?) {
        let start = host.monotonic
        let time = time(for: target.module, deadline)
        var attempt = Attempt(host, streams, host.deadline(in: time.limit))
        var failure: String?
        if time.limit > .zero {
            do throws(ProbeFailure) {
                try target.module.prober.probe(
                    target.target, hostname: target.hostname, &attempt)
            } catch {
                failure = error.message + (error.isTimeout ? " (\(time.whatRanOut))" : "")
            }
        } else {
            failure = "it was not probed (\(time.whatRanOut))"
        }
        attempt.readings.set(
            "probe_success", Double(failure == nil), help: "1: the target is as it should be.")
        attempt.readings.set(
            "probe_duration_seconds", Double(host.monotonic - start) / 1e9,
            help: "How long the probe took.")
        return (attempt.readings, failure)
    }

    /// The module's timeout, unless the collection ends before, and which of them it is.
    private func time(
        for module: ProbeModule, _ deadline: Deadline
    ) -> (limit: Duration, whatRanOut: String) {
        let own = module.timeout ?? .seconds(120)
        let ofModule = "the module's timeout of \(own.text) was over"
        guard var left = host.remaining(until: deadline) else { return (own, ofModule) }
        if left > ProbeExporter.reserve * 2 { left -= ProbeExporter.reserve }
        guard left < own else { return (own, ofModule) }
        return (
            max(left, .zero),
            "the time for collecting was over, which all targets share: set timeout of the exporter, "
                + "or a shorter timeout of the modules"
        )
    }
}

extension Duration {
    /// `2.5 s`.
    fileprivate var text: String {
        let (seconds, attoseconds) = components
        let value = Double(seconds) + Double(attoseconds / 1_000_000_000_000_000) / 1000
        return value == value.rounded() ? "\(Int64(value)) s" : "\(value) s"
    }
}
