/// What Istio's proxies answer, shortened: names, labels and layout as they are.
enum Texts {
    /// One series of the standard metrics.
    static func labels(
        reporter: String, from source: String, to destination: String, code: String = "200",
        security: String, more: String = ""
    ) -> String {
        "reporter=\"\(reporter)\",source_workload=\"\(source)\",source_canonical_service="
            + "\"\(source)\",source_canonical_revision=\"v1\",source_workload_namespace=\"shop\","
            + "source_principal=\"spiffe://cluster.local/ns/shop/sa/\(source)\",source_app="
            + "\"\(source)\",source_version=\"v1\",source_cluster=\"Kubernetes\","
            + "destination_workload=\"\(destination)\",destination_workload_namespace=\"shop\","
            + "destination_principal=\"spiffe://cluster.local/ns/shop/sa/\(destination)\","
            + "destination_app=\"\(destination)\",destination_version=\"v1\",destination_service="
            + "\"\(destination).shop.svc.cluster.local\",destination_canonical_service="
            + "\"\(destination)\",destination_canonical_revision=\"v1\","
            + "destination_service_name=\"\(destination)\",destination_service_namespace=\"shop\","
            + "destination_cluster=\"Kubernetes\",request_protocol=\"http\",response_code=\"\(code)\","
            + "grpc_response_status=\"\",response_flags=\"-\",connection_security_policy="
            + "\"\(security)\"\(more)"
    }

    /// Envoy's part of a sidecar of `cart`, which `web` calls with mutual TLS and `batch` without.
    static func envoy(
        secured: Int = 80, failed: Int = 10, plain: Int = 10, updated: Int = 1_735_689_500_000
    ) -> String {
        let web = labels(reporter: "destination", from: "web", to: "cart", security: "mutual_tls")
        let bad = labels(
            reporter: "destination", from: "web", to: "cart", code: "503", security: "mutual_tls")
        let batch = labels(reporter: "destination", from: "batch", to: "cart", security: "none")
        let out = labels(reporter: "source", from: "cart", to: "db", security: "unknown")
        return """
            # TYPE istio_requests_total counter
            istio_requests_total{\(web)} \(secured)
            istio_requests_total{\(bad)} \(failed)
            istio_requests_total{\(batch)} \(plain)
            istio_requests_total{\(out)} 7
            # TYPE istio_tcp_connections_opened_total counter
            istio_tcp_connections_opened_total{\(web)} 4
            # TYPE envoy_cluster_manager_cds_update_time gauge
            envoy_cluster_manager_cds_update_time{} \(updated)
            # TYPE envoy_control_plane_connected_state gauge
            envoy_control_plane_connected_state{} 1
            # TYPE envoy_server_live gauge
            envoy_server_live{} 1
            # TYPE istio_request_duration_milliseconds histogram
            istio_request_duration_milliseconds_bucket{\(web),le="1"} 60
            istio_request_duration_milliseconds_bucket{\(web),le="5"} 79
            istio_request_duration_milliseconds_bucket{\(web),le="+Inf"} 80
            istio_request_duration_milliseconds_sum{\(web)} 95.5
            istio_request_duration_milliseconds_count{\(web)} 80

            """
    }

    /// The agent's part, which comes first on the merged port.
    static func agent(applicationFailures: Int? = nil) -> String {
        var text = """
            # HELP istio_agent_go_info Information about the Go environment.
            # TYPE istio_agent_go_info gauge
            istio_agent_go_info{version="go1.23.4"} 1
            # HELP istio_agent_scrapes_total The total number of scrapes.
            # TYPE istio_agent_scrapes_total counter
            istio_agent_scrapes_total 12

            """
        if let applicationFailures {
            text += """
                # HELP istio_agent_scrape_failures_total The total number of failed scrapes.
                # TYPE istio_agent_scrape_failures_total counter
                istio_agent_scrape_failures_total{type="application"} \(applicationFailures)

                """
        }
        return text
    }

    /// The application's part, which comes last because of its end.
    static let application = """
        # TYPE orders counter
        # HELP orders Orders that were taken.
        orders_total{shop="a"} 5 # {trace_id="4bf92f3577b34da6a3ce929d0e0e4736"} 1.0
        orders_created{shop="a"} 1735689600.5
        # EOF

        """

    static let istiod = """
        # HELP pilot_xds Number of endpoints connected to this pilot using XDS.
        # TYPE pilot_xds gauge
        pilot_xds{version="1.24.2"} 3
        # HELP pilot_proxy_convergence_time Delay in seconds between config change and a proxy.
        # TYPE pilot_proxy_convergence_time histogram
        pilot_proxy_convergence_time_bucket{le="0.1"} 20
        pilot_proxy_convergence_time_bucket{le="0.5"} 21
        pilot_proxy_convergence_time_bucket{le="+Inf"} 21
        pilot_proxy_convergence_time_sum 1.5
        pilot_proxy_convergence_time_count 21
        # TYPE citadel_server_root_cert_expiry_timestamp gauge
        citadel_server_root_cert_expiry_timestamp 2.0510496e+09
        # TYPE go_goroutines gauge
        go_goroutines 300

        """

    static let certificates = """
        {"certificates": [
         {"ca_cert": [{"path": "<inline>", "serial_number": "1a", "subject_alt_names": [],
           "days_until_expiration": "3649", "valid_from": "2024-12-31T00:00:00Z",
           "expiration_time": "2034-12-30T00:00:00Z"}],
          "cert_chain": [{"path": "<inline>", "serial_number": "2b",
           "subject_alt_names": [{"uri": "spiffe://cluster.local/ns/shop/sa/cart"}],
           "days_until_expiration": "0", "valid_from": "2024-12-31T23:58:00Z",
           "expiration_time": "2025-01-02T00:00:00Z"}]},
         {"ca_cert": [{"path": "<inline>", "serial_number": "3c", "subject_alt_names": [],
           "days_until_expiration": "100", "valid_from": "2024-12-31T00:00:00Z",
           "expiration_time": "2026-01-01T00:00:00Z"}], "cert_chain": []}
        ]}
        """
}
