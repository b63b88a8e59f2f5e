import WeirPrometheus

/// Istio's standard metrics and their labels (Istio's reference, "Istio Standard Metrics").
enum StandardMetrics {
    static let requests = "istio_requests_total"
    static let connections = "istio_tcp_connections_opened_total"

    /// Those whose labels describe traffic, with the types that they have: in a merged exposition
    /// some come without.
    static let types: [String: MetricType] = [
        requests: .counter,
        "istio_request_duration_milliseconds": .histogram,
        "istio_request_bytes": .histogram,
        "istio_response_bytes": .histogram,
        "istio_request_messages_total": .counter,
        "istio_response_messages_total": .counter,
        "istio_tcp_sent_bytes_total": .counter,
        "istio_tcp_received_bytes_total": .counter,
        connections: .counter,
        "istio_tcp_connections_closed_total": .counter,
    ]

    /// What this plugin derives metrics from, whether it is passed on or not.
    static let sources = [
        requests, connections, "istio_agent_scrape_failures_total",
        "envoy_cluster_manager_cds_update_time", "envoy_listener_manager_lds_update_time",
        "envoy_control_plane_connected_state",
    ]

    static let labels: Set<String> = {
        let ends = ["source", "destination"]
        let parts = [
            "workload", "workload_namespace", "principal", "app", "version", "cluster",
            "canonical_service", "canonical_revision",
        ]
        let both = ends.flatMap { end in parts.map { "\(end)_\($0)" } }
        return Set(both).union([
            "reporter", "destination_service", "destination_service_name",
            "destination_service_namespace", "request_protocol", "response_code",
            "grpc_response_status", "response_flags", "connection_security_policy",
        ])
    }()
}
