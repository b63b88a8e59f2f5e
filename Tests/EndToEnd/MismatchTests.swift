import Testing
import WeirTestKit

extension EndToEnd {
    /// A client that speaks another protocol than the port is recognised, named once with the cure,
    /// and counted; others are not disturbed.
    @Test(.timeLimit(.minutes(2)))
    func wrongProtocolIsNamedWithItsCure() async throws {
        let ports = try await freePorts(3)
        let keys = try TemporaryFolder()
        let made = try await Command.shell(
            """
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
              -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
              -keyout key.pem -out cert.pem 2>/dev/null
            """, folder: keys.path)
        try #require(made.status == 0)
        let weir = try await Weir(
            """
            receivers:
              otlp: {protocols: {grpc: {endpoint: "127.0.0.1:\(ports[0])"}, http: {endpoint: "127.0.0.1:\(ports[1])"}}}
              otlp/tls:
                protocols:
                  grpc:
                    endpoint: "127.0.0.1:\(ports[2])"
                    tls: {cert_file: "\(keys.path)/cert.pem", key_file: "\(keys.path)/key.pem"}
            sinks: {file: {path: FOLDER/logs.jsonl}}
            service:
              pipelines:
                traces: {receivers: [otlp, otlp/tls], sinks: [file]}
                logs: {receivers: [otlp, otlp/tls], sinks: [file]}
            """)

        // As an SDK does that was given endpoint="host:4317": TLS is its default.
        _ = try await client("grpc-tls", "localhost:\(ports[0])")
        #expect(await weir.logs("the client speaks TLS to the plaintext port"), "\(weir.log)")
        #expect(await weir.logs("insecure: true"))

        let http1 = try await Command.shell(
            "curl -s -m 5 http://127.0.0.1:\(ports[0])/v1/logs -d '{}' || true")
        #expect(http1.output.contains("for OTLP over HTTP use the HTTP port"), "\(http1.output)")
        #expect(await weir.logs("an HTTP/1.1 request came to the gRPC port"), "\(weir.log)")

        let grpc = try await client("grpc", "localhost:\(ports[1])")
        #expect(grpc.contains("for OTLP over gRPC use the gRPC port"), "\(grpc)")

        _ = try await client("grpc", "localhost:\(ports[2])")
        #expect(await weir.logs("sent plaintext to the TLS port"), "\(weir.log)")

        let metrics = try #require(await weir.get("/metrics")).text
        for reason in [
            "tls_on_plaintext_port", "http1_on_grpc_port", "grpc_on_http_port",
            "plaintext_on_tls_port",
        ] {
            let line = metrics.split(separator: "\n").first {
                $0.hasPrefix("weir_protocol_mismatch_total{") && $0.contains(reason)
            }
            #expect(line != nil && line?.hasSuffix(" 0") == false, "\(reason) in\n\(metrics)")
        }

        try await postLog("undisturbed", port: ports[1])
        #expect(try await weir.stop() == 0, "\(weir.log)")
        #expect(try weir.folder.read("logs.jsonl").contains("undisturbed"))
    }

    /// Runs the gRPC exporter of the SDK for a moment; what it prints.
    private func client(_ kind: String, _ endpoint: String) async throws -> String {
        let result = try await Command(
            Build.python, ["\(Build.clients)/one_span.py", kind, endpoint]
        ).run()
        return result.output + result.errors
    }
}
