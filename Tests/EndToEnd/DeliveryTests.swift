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

    /// A server that takes connections and never answers, whatever stands before the place where the
    /// ways to it and to another sink part: the other one gets everything at once. When the server is
    /// mended and clients have come again, each has everything once.
    @Test(
        .timeLimit(.minutes(2)),
        arguments: [
            "", "batch", "attributes", "attributes, batch", "batch, attributes", "memory",
        ])
    func aStuckSinkHoldsUpNoOther(behind: String) async throws {
        let ports = try await freePorts(2)
        let silent = try Command(
            "/usr/bin/python3",
            [
                "-c",
                "import socket, time; s = socket.create_server(('127.0.0.1', \(ports[0]))); "
                    + "time.sleep(100)",
            ]
        ).start(output: "/dev/null", errors: "/dev/null")
        defer { silent.kill() }
        let weir = try await Weir(
            """
            receivers:
              otlp:
                wait_for_room: 100ms
                protocols: {http: {endpoint: "127.0.0.1:\(ports[1])"}}
            processors:
              batch: {timeout: 10ms, send_batch_size: 5}
              attributes: {actions: [{key: seen, value: "yes", action: insert}]}
            sinks:
              otlphttp:
                endpoint: "http://127.0.0.1:\(ports[0])"
                retry_on_failure: {initial_interval: 100ms, max_interval: 100ms}
                sending_queue: {sizer: requests, queue_size: 2, num_consumers: 1}
              file: {path: FOLDER/logs.jsonl}
            service:
              pipelines:
                logs:
                  \(behind == "memory" ? "memory: {limit: 8MiB}" : "")
                  receivers: [otlp]
                  processors: [\(behind == "memory" ? "" : behind)]
                  sinks: [otlphttp, file]
            """)
        func send(_ number: Int) async throws -> Bool {
            let log =
                #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"<\#(number)>"}}]}]}]}"#
            let answer = try await weir.post(log, to: "http://127.0.0.1:\(ports[1])/v1/logs")
            let isTaken = answer.hasPrefix("HTTP/1.1 200 ")
            #expect(isTaken || answer.hasPrefix("HTTP/1.1 503 "), "\(answer)")
            return isTaken
        }
        func lacks(_ text: String) -> [Int] { (1...40).filter { !text.contains("<\($0)>") } }
        var refused: [Int] = []
        for number in 1...40 where try await !send(number) { refused.append(number) }
        #expect(!refused.isEmpty, "the queue is full")
        _ = await eventually(within: 5) {
            lacks((try? weir.folder.read("logs.jsonl")) ?? "").isEmpty
        }
        #expect(lacks((try? weir.folder.read("logs.jsonl")) ?? "") == [], "\(weir.log)")

        silent.kill()
        _ = await silent.ended(within: 5)
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
        for _ in 0..<100 where !refused.isEmpty {
            var left: [Int] = []
            for number in refused where try await !send(number) { left.append(number) }
            refused = left
        }
        #expect(refused.isEmpty)
        #expect(try await weir.stop() == 0, "\(weir.log)")
        #expect(try await keeper.stop() == 0)
        for text in [
            try weir.folder.read("logs.jsonl"), try keeper.folder.read("logs.jsonl"),
        ] {
            let twice = (1...40).filter { text.split(separator: "<\($0)>").count > 2 }
            #expect(lacks(text) == [] && twice == [])
        }
    }

    /// What `batch` holds for a sink that is stuck gets there, even if a reload takes the sink out; or the
    /// ledger says what was lost, also if the process is drained before it is stopped.
    @Test(.timeLimit(.minutes(1)), arguments: [false, true])
    func aReloadLosesNothingOfWhatIsHeld(isDrained: Bool) async throws {
        let ports = try await freePorts(2)
        let silent = try Command(
            "/usr/bin/python3",
            [
                "-c",
                "import socket, time; s = socket.create_server(('127.0.0.1', \(ports[0]))); "
                    + "time.sleep(100)",
            ]
        ).start(output: "/dev/null", errors: "/dev/null")
        defer { silent.kill() }
        let configuration = """
            receivers:
              otlp: {protocols: {http: {endpoint: "127.0.0.1:\(ports[1])"}}}
            processors:
              batch: {timeout: 10ms}
            sinks:
              otlphttp:
                endpoint: "http://127.0.0.1:\(ports[0])"
                retry_on_failure: {initial_interval: 100ms, max_interval: 100ms}
                sending_queue: {sizer: requests, queue_size: 2, num_consumers: 1}
              file: {path: FOLDER/logs.jsonl}
            service:
              shutdown: {drain_timeout: 5s}
              pipelines:
                logs: {receivers: [otlp], processors: [batch], sinks: [otlphttp, file]}
            """
        let weir = try await Weir(configuration)
        for number in 1...8 {
            let log =
                #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"<\#(number)>"}}]}]}]}"#
            let answer = try await weir.post(log, to: "http://127.0.0.1:\(ports[1])/v1/logs")
            #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(answer)")
            let isWritten = await eventually(within: 5) {
                (try? weir.folder.read("logs.jsonl"))?.contains("<\(number)>") == true
            }
            #expect(isWritten)
        }
        try weir.write(
            configuration.replacing("[otlphttp, file]", with: "[file]")
                .replacing("drain_timeout: 5s", with: "drain_timeout: 1s"))
        weir.hangUp()
        #expect(await weir.logs("another configuration is in force"))
        // As long as it has something to send, it is on the page.
        let waiting = #"weir_sink_queue_items{sink="otlphttp",signal="logs"}"#
        #expect(try await weir.value(waiting) == 8)
        let file = try weir.folder.read("logs.jsonl")
        #expect((1...8).allSatisfy { file.split(separator: "<\($0)>").count == 2 })
        if isDrained {
            #expect(await weir.get("/-/drain", method: "POST")?.status == 503)
            #expect(try await weir.stop() == 3)
            let isSaid = weir.log.contains("sink otlphttp: dropped 8 log records (shutdown)")
            #expect(isSaid, "\(weir.log)")
            return
        }
        silent.kill()
        _ = await silent.ended(within: 5)
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
        let isThere = await eventually(within: 10) {
            let text = (try? keeper.folder.read("logs.jsonl")) ?? ""
            return (1...8).allSatisfy { text.split(separator: "<\($0)>").count == 2 }
        }
        #expect(isThere, "\(weir.log)")
        #expect(try await weir.stop() == 0, "\(weir.log)")
        #expect(try await keeper.stop() == 0)
    }
}
