import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// The OpenTelemetry SDK for Python through one weir into another, compared field by field.
    @Test(.timeLimit(.minutes(3)))
    func everyFieldOfTheSDKArrives() async throws {
        let ports = try await freePorts(4)
        let keeper = try await Weir(
            """
            receivers:
              otlp: {protocols: {grpc: {endpoint: "127.0.0.1:\(ports[0])"}, http: {endpoint: "127.0.0.1:\(ports[1])"}}}
            sinks:
              file/traces: {path: FOLDER/traces.pb, format: proto}
              file/metrics: {path: FOLDER/metrics.pb, format: proto}
              file/logs: {path: FOLDER/logs.pb, format: proto}
            service:
              pipelines:
                traces: {receivers: [otlp], sinks: [file/traces]}
                metrics: {receivers: [otlp], sinks: [file/metrics]}
                logs: {receivers: [otlp], sinks: [file/logs]}
            """)
        let relay = try await Weir(
            """
            receivers:
              otlp: {protocols: {grpc: {endpoint: "127.0.0.1:\(ports[2])"}, http: {endpoint: "127.0.0.1:\(ports[3])"}}}
            processors:
              batch: {send_batch_max_size: 200, send_batch_size: 100}
              attributes:
                actions:
                  - {key: region, value: eu-central-1, action: upsert}
                  - {key: rewritten, value: after, action: update}
                  - {key: secret, action: delete}
            sinks:
              otlp: {endpoint: "127.0.0.1:\(ports[0])", tls: {insecure: true}, compression: zstd}
              otlphttp: {endpoint: "http://127.0.0.1:\(ports[1])"}
            service:
              pipelines:
                traces: {receivers: [otlp], processors: [attributes, batch], sinks: [otlp]}
                metrics: {receivers: [otlp], processors: [attributes, batch], sinks: [otlphttp]}
                logs: {receivers: [otlp], processors: [attributes, batch], sinks: [otlp]}
            """)
        let sent = try TemporaryFolder()
        for (kind, endpoint) in [
            ("grpc", "127.0.0.1:\(ports[2])"), ("http", "http://127.0.0.1:\(ports[3])"),
        ] {
            let client = try await Command(
                Build.python,
                ["\(Build.clients)/send.py", kind, endpoint, "\(sent.path)/\(kind)"]
            ).run()
            try #require(client.status == 0, "\(client.errors)\n\(relay.log)")
        }
        #expect(try await relay.stop() == 0, "\(relay.log)")
        #expect(try await keeper.stop() == 0, "\(keeper.log)")
        for item in ["span", "log record", "data point"] {
            #expect(relay.items("accepted", item) > 0)
            #expect(relay.items("accepted", item) == relay.items("delivered", item))
            #expect(keeper.items("accepted", item) == relay.items("delivered", item))
        }
        let comparison = try await Command(
            Build.python,
            [
                "\(Build.clients)/verify.py", "\(sent.path)/grpc", "\(sent.path)/http",
                keeper.folder.path,
            ]
        ).run()
        #expect(comparison.status == 0, "\(comparison.output)\(comparison.errors)")
    }

    /// A Collector's file as it is: its exporters deliver.
    @Test(.timeLimit(.minutes(2)))
    func collectorsFileRunsUnchanged() async throws {
        let ports = try await freePorts(4)
        let sink = try await Weir(
            """
            receivers:
              otlp: {protocols: {grpc: {endpoint: "127.0.0.1:\(ports[0])"}, http: {endpoint: "127.0.0.1:\(ports[1])"}}}
            sinks: {file: {path: FOLDER/all.jsonl}}
            service:
              pipelines:
                traces: {receivers: [otlp], sinks: [file]}
                logs: {receivers: [otlp], sinks: [file]}
            """)
        let file = "\(Build.root)/examples/configs/collector.yaml"
        let health = try await freePorts(1)[0]
        let text = try String(contentsOfFile: file, encoding: .utf8)
            .replacing("port: 8888", with: "port: ADMIN")
        let collector = try await Weir(
            text,
            environment: [
                "WEIR_PLUGIN_PATH": Build.plugins,
                "OTLP_GRPC_ENDPOINT": "127.0.0.1:\(ports[2])",
                "OTLP_HTTP_ENDPOINT": "127.0.0.1:\(ports[3])",
                "HEALTH_ENDPOINT": "127.0.0.1:\(health)",
                "BACKEND_GRPC": "127.0.0.1:\(ports[0])",
                "BACKEND_HTTP": "http://127.0.0.1:\(ports[1])",
            ])
        let healthy = try await Command.shell("curl -sf http://127.0.0.1:\(health)/")
        #expect(healthy.status == 0, "\(healthy.output)")
        try await post(
            "/v1/traces", port: ports[3],
            #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"unchanged","startTimeUnixNano":"1","endTimeUnixNano":"2"}]}]}]}"#
        )
        try await post(
            "/v1/logs", port: ports[3],
            #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"as it is"}}]}]}]}"#
        )
        #expect(try await collector.stop() == 0, "\(collector.log)")
        #expect(try await sink.stop() == 0, "\(sink.log)")
        let arrived = try sink.folder.read("all.jsonl")
        #expect(arrived.contains("5b8efff798038103d269b633813fc60c"))
        #expect(arrived.contains("as it is"))
    }
}

/// Sends OTLP/JSON and wants a 200.
func post(_ path: String, port: Int, _ body: String) async throws {
    let result = try await Command(
        "/usr/bin/curl",
        [
            "-s", "-m", "10", "-w", "%{http_code}", "-o", "/dev/stderr",
            "http://127.0.0.1:\(port)\(path)", "-H", "content-type: application/json", "-d", body,
        ]
    ).run()
    guard result.output == "200" else {
        throw Failure("\(path): status \(result.output): \(result.errors)")
    }
}
