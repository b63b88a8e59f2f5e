import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// A real Envoy: its statistics, its readiness and its certificates.
    @Test(.timeLimit(.minutes(2))) func envoyThroughItsAdminEndpoint() async throws {
        let envoy = try await RunningEnvoy()
        let port = try await freePorts(1)[0]
        let weir = try await Weir(
            """
            exporters:
              envoy: {endpoint: "http://127.0.0.1:\(envoy.admin)", interval: 500ms, initial_delay: 0s}
            sinks:
              prometheus: {endpoint: "127.0.0.1:\(port)"}
            service:
              pipelines:
                metrics: {exporters: [envoy], sinks: [prometheus]}
            """)
        // Traffic, so that there are histograms.
        for _ in 0..<5 {
            let answer = try await Command.shell("curl -sk https://127.0.0.1:\(envoy.listener)/")
            #expect(answer.output == "ok")
        }
        let page = try await exposition(port) {
            $0.value("envoy_http_downstream_rq_total", ["envoy_http_conn_manager_prefix": "in"])
                == 5
                && $0.value("envoy_ready") == 1
        }
        #expect(page.value("envoy_up") == 1)
        #expect(page.value("envoy_info", ["state": "LIVE", "node": "e2e"]) == 1)
        #expect(page["envoy_http_downstream_rq_time"]?.type == "histogram")
        let expiry = try #require(
            page.value("envoy_certificate_expiry_timestamp_seconds", ["kind": "chain"]))
        #expect(expiry == Double(envoy.notAfter))
        let days = try #require(
            page.value("envoy_certificate_days_until_expiry", ["kind": "chain"]))
        #expect(days > 29 && days <= 30)
        // Whatever Envoy exposes is there, under its own name and type.
        let own = try Exposition(
            try await Answer.get("http://127.0.0.1:\(envoy.admin)/stats/prometheus").text)
        for (name, family) in own.families where !family.samples.isEmpty {
            #expect(page[name]?.type == family.type, "\(name)")
            #expect(page[name]?.labelNames == family.labelNames, "\(name)")
        }
        for name in try metricNames(inShared: "istio", prefixes: ["envoy_"]) {
            #expect(page.has(name), "share names \(name)")
        }
        envoy.stop()
        let gone = try await exposition(port) { $0.value("envoy_up") == 0 }
        #expect(gone.value("envoy_up") == 0)
        #expect(try await weir.stop() == 0)
    }

    /// The merged port of a sidecar, and the certificates of a real Envoy.
    @Test(.timeLimit(.minutes(2))) func istioSidecar() async throws {
        let envoy = try await RunningEnvoy()
        let ports = try await freePorts(2)
        let folder = try TemporaryFolder()
        let mesh = try Command(Build.python, ["\(Build.clients)/mesh.py", "\(ports[0])"])
            .start(output: "\(folder.path)/mesh.log", errors: "\(folder.path)/mesh.log")
        defer { mesh.kill() }
        let weir = try await Weir(
            """
            exporters:
              istio:
                endpoint: "http://127.0.0.1:\(ports[0])"
                admin_endpoint: "http://127.0.0.1:\(envoy.admin)"
                interval: 200ms
                initial_delay: 0s
            sinks:
              prometheus: {endpoint: "127.0.0.1:\(ports[1])"}
            service:
              pipelines:
                metrics: {exporters: [istio], sinks: [prometheus]}
            """)
        let page = try await exposition(ports[1]) {
            $0.value("istio_up") == 1
                && $0.value("istio_certificate_days_until_expiry", ["kind": "chain"]) != nil
        }
        let pair = ["source_workload": "web", "destination_workload": "cart"]
        #expect(
            page.value(
                "istio_requests_total",
                pair.merging(["response_code": "200", "reporter": "destination"]) { $1 }) == 96)
        #expect(page["istio_requests_total"]?.labelNames.contains("request_path") == false)
        #expect(page["istio_request_duration_milliseconds"]?.type == "histogram")
        #expect(page.value("istio_request_duration_milliseconds_count", pair) == 10)
        #expect(page.value("istio_mtls_coverage_ratio", pair) == 1)
        #expect(page.value("istio_proxy_control_plane_connected") == 1)
        let age = try #require(page.value("istio_proxy_config_age_seconds", ["type": "cds"]))
        #expect(age >= 60 && age < 120)
        #expect(page["orders_total"] == nil)
        // Plaintext comes in.
        _ = try await Answer.get("http://127.0.0.1:\(ports[0])/play/50")
        _ = try await exposition(ports[1]) {
            ($0.value("istio_mtls_coverage_ratio", pair) ?? 1) < 1
        }
        // The agent loses the application, and answers 200.
        _ = try await Answer.get("http://127.0.0.1:\(ports[0])/play/fail")
        #expect(await weir.logs("could not read the metrics of: application"))
        let last = try await exposition(ports[1]) {
            $0.value("istio_merged_scrape_failing", ["type": "application"]) != nil
        }
        for name in try metricNames(inShared: "istio", prefixes: ["istio_", "pilot_"]) {
            #expect(last.has(name), "share names \(name)")
        }
        #expect(try await weir.stop() == 0)
    }

    @Test(.timeLimit(.minutes(1))) func istioAlone() async throws {
        let port = try await freePorts(1)[0]
        let folder = try TemporaryFolder()
        let mesh = try Command(Build.python, ["\(Build.clients)/mesh.py", "\(port)"])
            .start(output: "\(folder.path)/mesh.log", errors: "\(folder.path)/mesh.log")
        defer { mesh.kill() }
        #expect(
            await eventually(within: 20) {
                (try? await Answer.get("http://127.0.0.1:\(port)/stats/prometheus")) != nil
            })
        let server = try await MetricsServer.weir(
            "istio", ["--endpoint", "http://127.0.0.1:\(port)"])
        let page = try await server.metrics()
        #expect(page.value("istio_up") == 1)
        #expect(page["istio_requests_total"]?.type == "counter")
        #expect(try await server.stop() == 0)
    }
}

/// The page of a sink, once it is as it should be.
private func exposition(
    _ port: Int, within seconds: Double = 30, _ isRight: (Exposition) -> Bool
) async throws -> Exposition {
    var last: Exposition?
    var fault = "nothing answers"
    let found = await eventually(within: seconds) {
        do {
            let answer = try await Answer.get("http://127.0.0.1:\(port)/metrics")
            let page = try Exposition(answer.text)
            last = page
            return isRight(page)
        } catch {
            fault = "\(error)"
            return false
        }
    }
    guard found, let last else {
        let names = last?.families.keys.sorted().joined(separator: " ") ?? fault
        throw Failure("the page is not as it should be: \(names)")
    }
    return last
}

/// An Envoy with a listener that has a certificate of 30 days, until it is released.
private final class RunningEnvoy {
    let admin: Int
    let listener: Int
    private(set) var notAfter = 0
    private let folder: TemporaryFolder
    private var process: RunningProcess?

    init() async throws {
        let ports = try await freePorts(2)
        (admin, listener) = (ports[0], ports[1])
        folder = try TemporaryFolder()
        let made = try await Command.shell(
            """
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
              -subj /CN=e2e -addext subjectAltName=DNS:cart.shop -keyout key.pem -out cert.pem \
              2> openssl.log
            date -d "$(openssl x509 -in cert.pem -noout -enddate | cut -d= -f2)" +%s
            """, folder: folder.path)
        notAfter = Int(made.output.split(separator: "\n").last ?? "") ?? 0
        let file = try folder.write(
            """
            node: {id: e2e, cluster: weir}
            admin: {address: {socket_address: {address: 127.0.0.1, port_value: \(admin)}}}
            static_resources:
              listeners:
                - address: {socket_address: {address: 127.0.0.1, port_value: \(listener)}}
                  filter_chains:
                    - transport_socket:
                        name: envoy.transport_sockets.tls
                        typed_config:
                          "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
                          common_tls_context:
                            tls_certificates:
                              - certificate_chain: {filename: \(folder.path)/cert.pem}
                                private_key: {filename: \(folder.path)/key.pem}
                      filters:
                        - name: envoy.filters.network.http_connection_manager
                          typed_config:
                            "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                            stat_prefix: in
                            http_filters:
                              - name: envoy.filters.http.router
                                typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
                            route_config:
                              virtual_hosts:
                                - name: all
                                  domains: ["*"]
                                  routes:
                                    - match: {prefix: /}
                                      direct_response: {status: 200, body: {inline_string: ok}}
            """, to: "envoy.yaml")
        let log = "\(folder.path)/envoy.log"
        let running = try Command(
            Build.python.replacing(/python$/, with: "envoy"),
            ["-c", file, "--log-level", "error", "--concurrency", "1"]
        ).start(output: log, errors: log)
        process = running
        let (admin, folder) = (admin, folder)
        let isReady = await eventually(within: 30) {
            guard running.isRunning else { return true }
            return (try? await Answer.get("http://127.0.0.1:\(admin)/ready"))?.status == 200
        }
        guard isReady, running.isRunning else {
            throw Failure("Envoy did not start: \((try? folder.read("envoy.log")) ?? "")")
        }
    }

    deinit { stop() }

    func stop() { process?.kill() }
}
