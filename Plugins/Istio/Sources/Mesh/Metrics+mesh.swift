import WeirPrometheus
import WeirSDK

extension Metrics {
    mutating func addRequests(_ window: TrafficWindow) {
        for (pair, ratio) in window.coverages() {
            gauge(
                "istio_mtls_coverage_ratio",
                help: "The share of requests over mutual TLS, as the destination reports it.",
                ratio, pair.attributes)
        }
        for (pair, ratio) in window.successRates() {
            gauge(
                "istio_request_success_ratio",
                help: "The share of requests whose answer was not 5xx.", ratio,
                pair.attributes.adding("reporter", .string(pair.reporter)))
        }
    }

    mutating func addConnections(_ window: TrafficWindow) {
        for (pair, ratio) in window.coverages() {
            gauge(
                "istio_tcp_mtls_coverage_ratio",
                help:
                    "The share of TCP connections over mutual TLS, as the destination reports it.",
                ratio, pair.attributes)
        }
    }

    /// How long ago the proxy took a configuration, by the discovery service that gave it.
    mutating func addConfiguration(_ read: ReadExposition, now: UInt64) {
        for (name, type) in [
            ("envoy_cluster_manager_cds_update_time", "cds"),
            ("envoy_listener_manager_lds_update_time", "lds"),
        ] {
            // Milliseconds since 1970; 0: never.
            guard case .number(let updated)? = read[name]?.points.first?.value, updated > 0 else {
                continue
            }
            gauge(
                "istio_proxy_config_age_seconds",
                help: "How long ago the proxy's configuration last changed.",
                max(0, Double(now) / 1e9 - updated / 1000), ["type": .string(type)])
        }
        if case .number(let state)? = read["envoy_control_plane_connected_state"]?.points.first?
            .value
        {
            gauge(
                "istio_proxy_control_plane_connected",
                help: "Whether the proxy is connected to istiod.", state)
        }
    }
}
