import Synchronization
import WeirJSON
import WeirPrometheus
package import WeirSDK

/// Watches one Istio proxy, waypoint, ztunnel or istiod.
package final class IstioExporter: Exporter {
    private struct State: Sendable {
        var requests: TrafficWindow
        var connections: TrafficWindow
        var failures = MergeFailures()
    }

    private let settings: IstioSettings
    private let host: Host
    /// What may answer; the first that does is it.
    private let sources: [MetricsSource]
    private let admin: Target?
    private let labels: Set<String>
    private let kept: Mutex<State>

    package init(settings: IstioSettings, host: Host) throws(ComponentError) {
        guard host.httpClient != nil else {
            throw .unsupported("this host has no HTTP client (weir.http-client/1); use a newer one")
        }
        self.settings = settings
        self.host = host
        let endpoints = settings.endpoint.map { [$0] } ?? IstioSettings.ownPod
        sources = endpoints.map { MetricsSource($0, settings.client, host) }
        let ownAdmin = settings.endpoint == nil ? "http://127.0.0.1:15000" : nil
        admin = (settings.adminEndpoint ?? ownAdmin).map {
            Target(settings.client.replacing(endpoint: $0), host)
        }
        labels = settings.keepLabels.isEmpty ? StandardMetrics.labels : Set(settings.keepLabels)
        kept = Mutex(
            State(
                requests: TrafficWindow(settings.window),
                connections: TrafficWindow(settings.window)))
    }

    package func start(deadline: Deadline) throws(ComponentError) {
        for source in sources { try source.target.open() }
        try admin?.open()
    }

    package func stop(deadline: Deadline) throws(ComponentError) {
        for source in sources { source.target.close() }
        admin?.close()
    }

    package func collect(into metrics: inout Metrics, deadline: Deadline) throws(ComponentError) {
        metrics.usesPrometheusNames = true
        metrics.gauge(
            "istio_exporter_build_info", help: "The version of this exporter.", 1,
            ["version": .string(plugin.version)])
        let read: ReadExposition
        do throws(ComponentError) {
            read = try self.read(deadline, &metrics)
        } catch {
            metrics.gauge("istio_up", help: upHelp, 0)
            throw error
        }
        metrics.gauge("istio_up", help: upHelp, 1)
        for family in read.families where isWanted(family.name) {
            let isStandard = StandardMetrics.types[family.name] != nil
            metrics.add(isStandard ? family.keeping(labels) : family)
        }
        let failed = addDerived(read, &metrics)
        try addAdmin(&metrics, deadline)
        if !failed.isEmpty {
            throw .retry(
                "the merged port answered 200, but the agent could not read the metrics of: "
                    + failed.sorted().joined(separator: ", ")
                    + " (istio_agent_scrape_failures_total grew); look at the agent's log")
        }
        if let fault = read.firstFault {
            throw .refused("\(read.skipped) lines or samples were skipped, the first: \(fault)")
        }
    }

    private var upHelp: String { "Whether the metrics could be read." }

    /// What is passed on, and what metrics are derived from.
    private var wanted: [String] { settings.families + StandardMetrics.sources }

    private func isWanted(_ name: String) -> Bool {
        !derived.contains(name) && settings.families.contains { name.hasPrefix($0) }
    }

    private func read(
        _ deadline: Deadline, _ metrics: inout Metrics
    ) throws(ComponentError) -> ReadExposition {
        var faults: [String] = []
        for source in sources {
            do throws(ComponentError) {
                let read = try source.target.families(
                    source.path, types: StandardMetrics.types, wanted: wanted, deadline)
                metrics.gauge(
                    "istio_target_info", help: "Where the metrics were read.", 1,
                    ["endpoint": .string(source.target.printableEndpoint + source.path)])
                return read
            } catch {
                guard sources.count > 1 else { throw error }
                if error.kind == .cancelled { throw error }
                faults.append("\(source.target.printableEndpoint): \(error.message)")
            }
        }
        throw .retry(
            "no Istio proxy answers in this pod (\(faults.joined(separator: "; "))): either the pod "
                + "is not in the mesh, or endpoint has to say where the proxy is")
    }

    /// What follows from the metrics; the parts that the agent failed to merge.
    private func addDerived(_ read: ReadExposition, _ metrics: inout Metrics) -> [String] {
        let (now, monotonic) = (host.now, host.monotonic)
        // One call at a time: nobody changes it in between.
        var state = kept.withLock { $0 }
        state.requests.take(tallies(read[StandardMetrics.requests]), at: monotonic)
        state.connections.take(tallies(read[StandardMetrics.connections]), at: monotonic)
        let failures = state.failures.take(read["istio_agent_scrape_failures_total"])
        kept.withLock { $0 = state }
        metrics.addRequests(state.requests)
        metrics.addConnections(state.connections)
        metrics.addConfiguration(read, now: now)
        for (part, isFailing) in failures.sorted(by: { $0.key < $1.key }) {
            metrics.gauge(
                "istio_merged_scrape_failing",
                help: "Whether the agent failed to merge this part since the last collection.",
                isFailing ? 1 : 0, ["type": .string(part)])
        }
        return failures.filter(\.value).map(\.key)
    }

    /// What the proxy's admin endpoint says. In a pod without a proxy that has one, such as a
    /// ztunnel's, there is none, which is no fault unless settings name it.
    private func addAdmin(
        _ metrics: inout Metrics, _ deadline: Deadline
    ) throws(ComponentError) {
        guard let admin else { return }
        do throws(ComponentError) {
            let answer = try admin.get("/certs", deadline)
            guard answer.code == 200 else {
                throw .refused(
                    "\(admin.printableEndpoint)/certs answered \(answer.code), expected 200")
            }
            let certificates = try proxyCertificates(answer.body)
            metrics.add(certificates, prefix: "istio", now: host.now)
        } catch {
            if settings.adminEndpoint != nil || error.kind == .cancelled { throw error }
        }
    }
}

/// Names that this plugin makes; a family that is read under one of them is left out.
private let derived: Set<String> = [
    "istio_up", "istio_target_info", "istio_exporter_build_info", "istio_mtls_coverage_ratio",
    "istio_tcp_mtls_coverage_ratio", "istio_request_success_ratio",
    "istio_proxy_config_age_seconds", "istio_proxy_control_plane_connected",
    "istio_merged_scrape_failing", "istio_certificate_expiry_timestamp_seconds",
    "istio_certificate_days_until_expiry",
]
