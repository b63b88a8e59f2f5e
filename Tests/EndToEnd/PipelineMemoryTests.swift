import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// A sink that takes connections and never answers fills its pipeline's share of the memory, and
    /// no more; what comes on the same port for another pipeline goes on arriving.
    @Test(.timeLimit(.minutes(1)))
    func aStalledPipelineLeavesTheOthersAlone() async throws {
        let ports = try await freePorts(2)
        let silent = try Command(
            "/usr/bin/python3",
            [
                "-c",
                "import socket, time; s = socket.create_server(('127.0.0.1', \(ports[0]))); "
                    + "time.sleep(60)",
            ]
        ).start(output: "/dev/null", errors: "/dev/null")
        defer { silent.kill() }
        let configuration =
            """
            receivers:
              otlp: {wait_for_room: 0s, protocols: {http: {endpoint: "127.0.0.1:\(ports[1])"}}}
            sinks:
              otlphttp: {endpoint: "http://127.0.0.1:\(ports[0])", timeout: 60s}
              file: {path: FOLDER/logs.jsonl}
            service:
              shutdown: {drain_timeout: 1s}
              memory: {limit: 64MiB}
              pipelines:
                traces: {memory: {limit: 1MiB}, receivers: [otlp], sinks: [otlphttp]}
                logs: {receivers: [otlp], sinks: [file]}
            """
        let weir = try await Weir(configuration)
        let name = String(repeating: "n", count: 100_000)
        let span = #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"\#(name)"}]}]}]}"#
        let spans = try weir.folder.write(span, to: "spans.json")
        var answers: [String] = []
        for number in 1...20 {
            answers.append(
                try await weir.post("@\(spans)", to: "http://127.0.0.1:\(ports[1])/v1/traces"))
            let log =
                #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"<\#(number)>"}}]}]}]}"#
            let answer = try await weir.post(log, to: "http://127.0.0.1:\(ports[1])/v1/logs")
            #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(answer)")
        }
        let taken = answers.count { $0.hasPrefix("HTTP/1.1 200 ") }
        let refused = answers.filter { $0.hasPrefix("HTTP/1.1 503 ") }
        #expect((5...10).contains(taken) && refused.count == 20 - taken, "\(answers)")
        #expect(refused.allSatisfy { $0.lowercased().contains("\r\nretry-after: ") })
        let held = try await weir.value(#"weir_pipeline_memory_bytes{pipeline="traces"}"#)
        #expect((500_000...(1 << 20)).contains(held))
        #expect(try await weir.value("weir_buffer_bytes") <= 2 << 20)
        #expect(
            try await weir.value(
                #"weir_pipeline_refused_items_total{pipeline="traces",reason="pipeline_memory"}"#)
                == refused.count)
        #expect(await weir.logs("service.pipelines.traces.memory"))
        let isWritten = await eventually(within: 10) {
            let text = (try? weir.folder.read("logs.jsonl")) ?? ""
            return (1...20).allSatisfy { text.contains("<\($0)>") }
        }
        #expect(isWritten, "\(weir.log)")
        // More room, and what was refused is taken; the port stays as it is.
        try weir.write(configuration.replacing("memory: {limit: 1MiB}", with: "memory: {}"))
        weir.hangUp()
        #expect(await weir.logs("another configuration is in force"))
        let answer = try await weir.post(
            "@\(spans)", to: "http://127.0.0.1:\(ports[1])/v1/traces")
        #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(answer)")
        // What could not be delivered is said.
        #expect(try await weir.stop() == 3)
    }

    /// Connections of one address beyond its share are closed; the log says whose, and what to change.
    @Test(.timeLimit(.minutes(1)))
    func oneClientsConnectionsAreLimited() async throws {
        let port = try await freePorts(1)[0]
        let weir = try await Weir(
            """
            receivers:
              otlp:
                protocols:
                  http: {endpoint: "127.0.0.1:\(port)", max_connections_per_client: 1}
            sinks: {file: {path: FOLDER/logs.jsonl}}
            service:
              pipelines:
                logs: {receivers: [otlp], sinks: [file]}
            """)
        let greedy = try Command(
            "/usr/bin/python3",
            [
                "-c",
                "import socket, time; s = [socket.create_connection(('127.0.0.1', \(port))) "
                    + "for _ in range(3)]; time.sleep(60)",
            ]
        ).start(output: "/dev/null", errors: "/dev/null")
        defer { greedy.kill() }
        let metric =
            #"weir_receiver_refused_connections_total{receiver="otlp","#
            + #"reason="too_many_connections_of_client"}"#
        #expect(await eventually(within: 10) { (try? await weir.value(metric)) == 2 })
        #expect(await weir.logs("max_connections_per_client"))
        #expect(weir.log.contains("peer=127.0.0.1:"))
        let other = try await Command(
            "/usr/bin/curl",
            [
                "-s", "-m", "20", "--interface", "127.0.0.2", "-w", "%{http_code}", "-H",
                "content-type: application/json", "-d", #"{"resourceLogs":[]}"#,
                "http://127.0.0.1:\(port)/v1/logs",
            ]
        ).run()
        #expect(other.output.hasSuffix("200"), "\(other)")
        #expect(try await weir.stop() == 0)
    }
}

extension Weir {
    /// Posts JSON with curl; the answer with its header.
    func post(_ body: String, to url: String) async throws -> String {
        try await Command(
            "/usr/bin/curl",
            ["-s", "-i", "-m", "20", "-H", "content-type: application/json", "-d", body, url]
        ).run().output
    }
}
