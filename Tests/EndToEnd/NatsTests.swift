import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// One weir delivers into a stream of JetStream, another one takes from it and is killed again and
    /// again; the server itself is killed once. What a client was told is taken arrives in the file.
    @Test(.timeLimit(.minutes(3)))
    func whatIsInAStreamSurvivesItsReader() async throws {
        let ports = try await freePorts(2)
        let folder = try TemporaryFolder()
        var server = try await Self.natsServer(port: ports[0], folder.path)
        defer { server.kill() }
        let first = try await Weir(
            """
            receivers:
              otlp: {ack: delivered, protocols: {http: {endpoint: "127.0.0.1:\(ports[1])"}}}
            sinks:
              nats:
                endpoint: "nats://127.0.0.1:\(ports[0])"
                stream: WEIR
                create_stream: true
                retry_on_failure: {initial_interval: 100ms, max_interval: 100ms}
            service:
              pipelines:
                logs: {receivers: [otlp], sinks: [nats]}
            """)
        let reader = """
            receivers:
              nats:
                endpoint: "nats://127.0.0.1:\(ports[0])"
                stream: WEIR
                ack: delivered
                ack_wait: 1s
                fetch: 4
            sinks:
              file: {path: "\(folder.path)/logs.jsonl", append: true}
            service:
              pipelines:
                logs: {receivers: [nats], sinks: [file]}
            """
        var sent: [String] = []
        for round in 0..<4 {
            let second = try await Weir(reader)
            for index in 0..<25 {
                let text = "record-\(round)-\(index)."
                #expect(try await Self.postToNats(text, port: ports[1]) == "200", "\(first.log)")
                sent.append(text)
                if round == 2, index == 12 {
                    server.kill()
                    _ = await server.ended(within: 10)
                    server = try await Self.natsServer(port: ports[0], folder.path)
                }
            }
            second.kill()
            // While nobody reads.
            let text = "record-\(round)-late."
            #expect(try await Self.postToNats(text, port: ports[1]) == "200", "\(first.log)")
            sent.append(text)
        }
        let last = try await Weir(reader)
        let isWhole = await eventually(within: 60) {
            let arrived = (try? folder.read("logs.jsonl")) ?? ""
            return sent.allSatisfy { arrived.contains($0) }
        }
        let arrived = (try? folder.read("logs.jsonl")) ?? ""
        let missing = sent.filter { !arrived.contains($0) }
        #expect(isWhole, "missing: \(missing)\n\(last.log)\n\(first.log)")
        #expect(try await last.stop() == 0, "\(last.log)")
        #expect(try await first.stop() == 0, "\(first.log)")
        #expect(first.items("dropped", "log record") == 0, "\(first.log)")
    }

    private static func natsServer(port: Int, _ folder: String) async throws -> RunningProcess {
        let log = "\(folder)/nats.log"
        let process = try Command(
            "/usr/sbin/nats-server",
            ["-js", "-sd", "\(folder)/data", "-a", "127.0.0.1", "-p", "\(port)"]
        ).start(output: log, errors: log)
        let isReady = await eventually(within: 20) {
            ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").contains("Server is ready")
        }
        guard isReady else { throw Failure("nats-server did not start") }
        return process
    }

    private static func postToNats(_ text: String, port: Int) async throws -> String {
        let body =
            #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"\#(text)"}}]}]}]}"#
        return try await Command(
            "/usr/bin/curl",
            [
                "-s", "-m", "30", "-o", "/dev/null", "-w", "%{http_code}", "-H",
                "content-type: application/json", "-d", body,
                "http://127.0.0.1:\(port)/v1/logs",
            ]
        ).run().output
    }
}
