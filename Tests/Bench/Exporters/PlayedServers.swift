import NIOCore
import NIOPosix
import WeirNet

/// A Vault and an Envoy that always answer the same, and a page to probe; on one port.
final class PlayedServers: ServerHandler {
    static func start(port: Int, group: any EventLoopGroup) async throws -> HTTPServer {
        let server = HTTPServer(
            options: ServerOptions(endpoint: .tcp(host: "127.0.0.1", port: port)), group: group,
            handler: PlayedServers())
        _ = try await server.start().get()
        return server
    }

    func receive(_ exchange: ServerExchange) {
        let path = exchange.path.prefix { $0 != "?" }
        if path == "/" {
            exchange.respond(
                status: 200, headers: [("content-type", "text/plain")],
                body: ByteBuffer(string: "hello\n"))
        } else if let json = Self.vault[String(path)] {
            exchange.respond(
                status: 200, headers: [("content-type", "application/json")],
                body: ByteBuffer(string: json))
        } else if let text = Self.expositions[String(path)] {
            exchange.respond(
                status: 200, headers: [("content-type", "text/plain; version=0.0.4")],
                body: ByteBuffer(string: text))
        } else {
            exchange.respond(status: 404)
        }
    }

    /// As an unsealed, active server of version 1.18 answers.
    private static let vault = [
        "/v1/sys/health": """
        {"initialized":true,"sealed":false,"standby":false,"performance_standby":false,\
        "replication_performance_mode":"disabled","replication_dr_mode":"disabled",\
        "server_time_utc":1700000000,"version":"1.18.3","cluster_name":"bench","cluster_id":"b"}
        """,
        "/v1/sys/seal-status": """
        {"type":"shamir","initialized":true,"sealed":false,"t":3,"n":5,"progress":0,\
        "version":"1.18.3","cluster_name":"bench","cluster_id":"b"}
        """,
        "/v1/sys/leader": """
        {"ha_enabled":true,"is_self":true,"leader_address":"http://127.0.0.1:8200",\
        "leader_cluster_address":"https://127.0.0.1:8201","performance_standby":false}
        """,
        "/v1/auth/token/lookup-self": """
        {"data":{"ttl":1800,"renewable":true,"expire_time":"2030-01-01T00:00:00Z",\
        "policies":["default"]}}
        """,
        "/v1/sys/mounts": #"{"data":{"secret/":{"type":"kv"}}}"#,
    ]

    /// A hundred series of Vault's, and four hundred of a sidecar with ten neighbours.
    private static let expositions: [String: String] = [
        "/v1/sys/metrics": (0..<100).map {
            "# TYPE vault_route_\($0)_count counter\nvault_route_\($0)_count \($0 * 7)\n"
        }.joined(),
        "/stats/prometheus":
            [
                "upstream_rq_total", "upstream_rq_completed", "upstream_cx_total",
                "upstream_cx_connect_fail", "upstream_cx_rx_bytes_total", "upstream_rq_timeout",
                "upstream_cx_tx_bytes_total", "upstream_rq_retry", "membership_healthy",
                "membership_total",
            ].map { name in
                "# TYPE envoy_cluster_\(name) counter\n"
                    + (0..<20).map {
                        "envoy_cluster_\(name){envoy_cluster_name="
                            + "\"outbound|8080||shop-\($0).prod.svc.cluster.local\"} \($0 * 100)\n"
                    }.joined()
            }.joined() + "# TYPE istio_requests_total counter\n"
            + (0..<200).map {
                "istio_requests_total{reporter=\"destination\",source_workload=\"web-\($0 / 20)\","
                    + "source_workload_namespace=\"prod\",destination_workload=\"shop\","
                    + "destination_workload_namespace=\"prod\",response_code=\"\(200 + $0 % 20)\","
                    + "connection_security_policy=\"mutual_tls\"} \($0 * 3)\n"
            }.joined(),
    ]
}
