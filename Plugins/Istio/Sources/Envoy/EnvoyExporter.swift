import WeirJSON
import WeirPrometheus
package import WeirSDK

/// Watches one Envoy by its admin endpoint.
package final class EnvoyExporter: Exporter {
    private let host: Host
    private let target: Target
    private let statsPath: String

    package init(settings: EnvoySettings, host: Host) throws(ComponentError) {
        guard host.httpClient != nil else {
            throw .unsupported("this host has no HTTP client (weir.http-client/1); use a newer one")
        }
        self.host = host
        target = Target(settings.client, host)
        var query: [String] = []
        if settings.usedOnly { query.append("usedonly") }
        if !settings.filter.isEmpty {
            query.append("filter=" + PercentEncoding.encode(settings.filter))
        }
        statsPath =
            "/stats/prometheus" + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
    }

    package func start(deadline: Deadline) throws(ComponentError) { try target.open() }
    package func stop(deadline: Deadline) throws(ComponentError) { target.close() }

    package func collect(into metrics: inout Metrics, deadline: Deadline) throws(ComponentError) {
        metrics.usesPrometheusNames = true
        metrics.gauge(
            "envoy_exporter_build_info", help: "The version of this exporter.", 1,
            ["version": .string(plugin.version)])
        let read: ReadExposition
        do throws(ComponentError) {
            read = try target.families(statsPath, deadline)
        } catch {
            metrics.gauge("envoy_up", help: "Whether the statistics could be read.", 0)
            throw error
        }
        metrics.gauge("envoy_up", help: "Whether the statistics could be read.", 1)
        for family in read.families where !derived.contains(family.name) { metrics.add(family) }
        metrics.gauge(
            "envoy_ready", help: "Whether the server is ready for traffic.",
            try target.get("/ready", deadline).code == 200 ? 1 : 0)
        try addInfo(&metrics, deadline)
        let certificates = try get("/certs", deadline)
        metrics.add(
            try proxyCertificates(certificates.body), prefix: "envoy", now: host.now)
    }

    private func addInfo(
        _ metrics: inout Metrics, _ deadline: Deadline
    ) throws(ComponentError) {
        let answer = try get("/server_info", deadline)
        guard let info = try? JSONValue(parsing: answer.body) else {
            throw .refused(
                "\(target.printableEndpoint)/server_info answered \(answer.code) without JSON; is this "
                    + "Envoy's admin endpoint?")
        }
        // hash/1.40.0/Clean/RELEASE/BoringSSL
        let build = (info["version"]?.stringValue ?? "").split(
            separator: "/", omittingEmptySubsequences: false)
        metrics.gauge(
            "envoy_info", help: "The server's version, state and node.", 1,
            [
                "version": .string(build.count > 1 ? String(build[1]) : build.joined()),
                "state": .string(info["state"]?.stringValue ?? ""),
                "node": .string(info["node"]?["id"]?.stringValue ?? ""),
                "cluster": .string(info["node"]?["cluster"]?.stringValue ?? ""),
            ])
    }

    private func get(_ path: String, _ deadline: Deadline) throws(ComponentError) -> Answer {
        let answer = try target.get(path, deadline)
        guard answer.code == 200 else {
            throw .refused(
                "\(target.printableEndpoint)\(path) answered \(answer.code), expected 200")
        }
        return answer
    }
}

/// Names that this plugin makes; a family that is read under one of them is left out.
private let derived: Set<String> = [
    "envoy_up", "envoy_ready", "envoy_info", "envoy_exporter_build_info",
    "envoy_certificate_expiry_timestamp_seconds", "envoy_certificate_days_until_expiry",
]
