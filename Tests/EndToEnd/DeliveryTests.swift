import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// A client is answered when its request has been delivered, not before; with a batch processor
    /// in between, and a server that is not there at first.
    @Test(.timeLimit(.minutes(1)), arguments: ["", "batch: {timeout: 100ms}"])
    func answersOnceItIsDelivered(processor: String) async throws {
        let ports = try await freePorts(2)
        let relay = try await Weir(
            """
            receivers:
              otlp: {ack: delivered, protocols: {http: {endpoint: "127.0.0.1:\(ports[1])"}}}
            processors: {\(processor)}
            sinks:
              otlphttp:
                endpoint: "http://127.0.0.1:\(ports[0])"
                retry_on_failure: {initial_interval: 100ms, max_interval: 100ms}
              file: {path: FOLDER/copy.jsonl, required: false}
            service:
              pipelines:
                logs:
                  receivers: [otlp]
                  processors: [\(processor.isEmpty ? "" : "batch")]
                  sinks: [otlphttp, file]
            """)
        let body =
            #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"one"}}]}]}]}"#
        let client = try Command(
            "/usr/bin/curl",
            [
                "-s", "-m", "30", "-w", "%{http_code}", "-H", "content-type: application/json",
                "-d", body, "http://127.0.0.1:\(ports[1])/v1/logs",
            ]
        ).start(
            output: "\(relay.folder.path)/client.log", errors: "\(relay.folder.path)/client.log")
        let isTaken = await eventually(within: 10) {
            await relay.get("/metrics")?.text.contains(
                #"weir_sink_failed_items_total{sink="otlphttp","#) == true
        }
        #expect(isTaken, "\(relay.log)")
        #expect(client.isRunning, "it is not delivered yet")
        let keeper = try await Weir(
            """
            receivers:
              otlp: {protocols: {http: {endpoint: "127.0.0.1:\(ports[0])"}}}
            sinks:
              file: {path: FOLDER/logs.jsonl}
            service:
              pipelines:
                logs: {receivers: [otlp], sinks: [file]}
            """)
        #expect(await client.ended(within: 20))
        #expect(try relay.folder.read("client.log").hasSuffix("200"))
        #expect(try await relay.stop() == 0, "\(relay.log)")
        #expect(try await keeper.stop() == 0)
        #expect(try keeper.folder.read("logs.jsonl").contains("one"))
    }

    @Test(.timeLimit(.minutes(1)))
    func validatePrintsWhatIsPromised() async throws {
        let folder = try TemporaryFolder()
        func validate(_ ack: String) async throws -> Command.Result {
            let file = try folder.write(
                """
                receivers:
                  otlp: {ack: \(ack), protocols: {http: }}
                sinks:
                  otlphttp: {endpoint: "http://127.0.0.1:1"}
                  debug: {required: false}
                service:
                  pipelines:
                    logs: {receivers: [otlp], sinks: [otlphttp, debug]}
                """, to: "weir.yaml")
            return try await Command.weir("validate", file)
        }
        let good = try await validate("delivered")
        #expect(good.status == 0, "\(good.errors)")
        #expect(
            good.output.contains(
                "otlp → logs: answered once otlphttp delivered it; a client that "
                    + "stops waiting before, as while a sink is down, sends it twice "
                    + "(ack: delivered); "
                    + "not asked: debug (required: false)"), "\(good.output)")
        let bad = try await validate("durable")
        #expect(bad.status == 2)
        for part in ["weir.yaml:2:", "sink 'otlphttp'", "sending_queue.storage"] {
            #expect(bad.errors.contains(part), "\(bad.errors)")
        }
    }
}
