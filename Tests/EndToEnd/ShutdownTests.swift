import Testing
import WeirTestKit

extension EndToEnd {
    /// What is on its way when SIGTERM comes still arrives, and the ledgers of both ends agree.
    @Test(.timeLimit(.minutes(1)))
    func stopDrains() async throws {
        let ports = try await freePorts(2)
        let keeper = try await Weir(logs(from: ports[0], to: "file: {path: FOLDER/logs.jsonl}"))
        // Nothing leaves the batch processor by itself: only the drain can send it.
        let relay = try await Weir(
            logs(
                from: ports[1],
                to: "otlphttp: {endpoint: \"http://127.0.0.1:\(ports[0])\"}",
                processors: "batch: {timeout: 1h, send_batch_size: 1000000}"))
        for number in 1...7 { try await postLog("line \(number)", port: ports[1]) }
        #expect(try await relay.stop() == 0, "\(relay.log)")
        #expect(try await keeper.stop() == 0, "\(keeper.log)")
        #expect(relay.items("accepted", "log record") == 7)
        #expect(relay.items("delivered", "log record") == 7)
        #expect(keeper.items("delivered", "log record") == 7)
        let text = try keeper.folder.read("logs.jsonl")
        for number in 1...7 { #expect(text.contains("line \(number)")) }
    }

    /// What could not be delivered is in the ledger, with a reason, and in the exit status.
    @Test(.timeLimit(.minutes(1)))
    func lossIsCountedAndTold() async throws {
        let ports = try await freePorts(2)
        let relay = try await Weir(
            logs(
                from: ports[1],
                to: "otlphttp: {endpoint: \"http://127.0.0.1:\(ports[0])\"}",
                service: "shutdown: {drain_timeout: 1s}"))
        for number in 1...5 { try await postLog("line \(number)", port: ports[1]) }
        #expect(try await relay.stop() == 3, "\(relay.log)")
        #expect(relay.items("accepted", "log record") == 5)
        #expect(relay.items("delivered", "log record") == 0)
        let gone = relay.items("dropped", "log record") + relay.items("queued", "log record")
        #expect(gone == 5, "\(relay.log)")
        #expect(relay.log.contains("lost: 5"))
        for line in relay.ledger where line.what == "dropped" { #expect(line.reason != nil) }
    }

    /// Neither a sink that is down nor a client that sends half a request takes the time that other
    /// pipelines need to deliver what they hold.
    @Test(.timeLimit(.minutes(1)))
    func aDeadSinkAndASlowClientCostOthersNothing() async throws {
        let ports = try await freePorts(2)
        let relay = try await Weir(
            """
            receivers:
              otlp: {protocols: {http: {endpoint: "127.0.0.1:\(ports[1])"}}}
            processors: {batch: {timeout: 1h, send_batch_size: 0, send_batch_max_size: 1}}
            sinks:
              file: {path: FOLDER/logs.jsonl}
              otlphttp:
                endpoint: "http://127.0.0.1:\(ports[0])"
                sending_queue: {queue_size: 1, num_consumers: 1}
            service:
              shutdown: {drain_timeout: 4s}
              pipelines:
                logs/a: {receivers: [otlp], processors: [batch], sinks: [file]}
                logs/b: {receivers: [otlp], processors: [batch], sinks: [otlphttp]}
            """)
        for number in 1...200 { try await postLog("line \(number)", port: ports[1]) }
        let slow = try Command(
            "/bin/bash",
            [
                "-c",
                """
                exec 3<>/dev/tcp/127.0.0.1/\(ports[1])
                printf 'POST /v1/logs HTTP/1.1\\r\\nhost: a\\r\\ncontent-length: 9\\r\\n\\r\\n{' >&3
                sleep 30
                """,
            ]
        ).start(output: "\(relay.folder.path)/slow.log", errors: "\(relay.folder.path)/slow.log")
        defer { slow.kill() }
        #expect(try await relay.stop() == 3, "\(relay.log)")
        #expect(relay.log.contains("sink file: delivered 200 log records"), "\(relay.log)")
        #expect(relay.log.contains("lost: 200 "), "\(relay.log)")
    }

    /// What is in a dead-letter file is lost until somebody sends it again, and the ledger says where.
    @Test(.timeLimit(.minutes(1)))
    func deadLettersAreInTheLedger() async throws {
        let ports = try await freePorts(2)
        let keeper = try await Weir(logs(from: ports[0], to: "debug: {}"))
        let relay = try await Weir(
            logs(
                from: ports[1],
                to: "otlphttp: {logs_endpoint: \"http://127.0.0.1:\(ports[0])/nothing\", "
                    + "dead_letter: {path: FOLDER/dead.jsonl}}"))
        for number in 1...3 { try await postLog("line \(number)", port: ports[1]) }
        let isWritten = await eventually(within: 20) {
            (try? relay.folder.read("dead.jsonl"))?.count(where: { $0 == "\n" }) == 3
        }
        #expect(isWritten, "\(relay.log)")
        #expect(try await relay.stop() == 3)
        #expect(
            relay.log.contains(
                "sink otlphttp: 3 log records of those dropped lie in "
                    + "\(relay.folder.path)/dead.jsonl"),
            "\(relay.log)")
        #expect(
            relay.log.contains("lost: 3, of which 3 lie in dead-letter files (exit status 3)"),
            "\(relay.log)")
        #expect(try await keeper.stop() == 0)
    }

    /// The log says what was asked for over HTTP, by whom, and what came of it.
    @Test(.timeLimit(.minutes(1)))
    func drainAndQuitAreTold() async throws {
        let ports = try await freePorts(2)
        let relay = try await Weir(
            logs(
                from: ports[1],
                to: "otlphttp: {endpoint: \"http://127.0.0.1:\(ports[0])\"}",
                service: "shutdown: {drain_timeout: 1s}"))
        #expect(await relay.get("/-/drain", method: "POST")?.status == 200)
        #expect(relay.log.contains("POST /-/drain from 127.0.0.1:"), "\(relay.log)")
        #expect(relay.log.contains("drained: only a stop remains"), "\(relay.log)")
        #expect(await relay.get("/-/quit", method: "POST")?.status == 200)
        #expect(try await relay.end() == 0, "\(relay.log)")
        #expect(relay.log.contains("POST /-/quit from 127.0.0.1:"), "\(relay.log)")
        #expect(!relay.log.contains("SIGTERM"), "\(relay.log)")

        let stuck = try await Weir(
            logs(
                from: ports[1],
                to: "otlphttp: {endpoint: \"http://127.0.0.1:\(ports[0])\"}",
                service: "shutdown: {drain_timeout: 1s}"))
        try await postLog("line", port: ports[1])
        #expect(await stuck.get("/-/drain", method: "POST")?.status == 503)
        #expect(
            stuck.log.contains("not drained within 1.0 s: sink otlphttp has 1 items left"),
            "\(stuck.log)")
        #expect(try await stuck.stop() == 3)
        #expect(stuck.log.contains("SIGTERM: draining"), "\(stuck.log)")
    }

    /// Before anything is started, a wrong configuration is exit status 2 and names the place.
    @Test(.timeLimit(.minutes(1)))
    func wrongConfigurationIsNotStarted() async throws {
        let weir = try await Weir(
            """
            receivers:
              otlp: {protocols: {grcp: {}}}
            sinks: {debug: {verbosty: basic}}
            service:
              pipelines:
                logs: {receivers: [otlp], sinks: [debug]}
            """, waits: false)
        #expect(try await weir.end() == 2)
        #expect(weir.log.contains("weir.yaml:2:"), "\(weir.log)")
        #expect(weir.log.contains("grpc"), "the nearest known name")
        #expect(weir.log.contains("verbosity"), "every error in one pass")
    }

    private func logs(
        from port: Int, to sink: String, processors: String? = nil, service: String = ""
    ) -> String {
        let id = sink.prefix { $0 != ":" }
        let processor = processors.map { $0.prefix { $0 != ":" } }
        return """
            receivers:
              otlp: {protocols: {http: {endpoint: "127.0.0.1:\(port)"}}}
            processors: {\(processors ?? "")}
            sinks:
              \(sink)
            service:
              \(service)
              pipelines:
                logs: {receivers: [otlp], processors: [\(processor ?? "")], sinks: [\(id)]}
            """
    }
}

func postLog(_ text: String, port: Int) async throws {
    try await post(
        "/v1/logs", port: port,
        #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"\#(text)"}}]}]}]}"#)
}
