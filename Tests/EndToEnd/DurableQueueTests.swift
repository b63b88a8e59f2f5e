import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    private static func post(_ text: String, to port: Int) async throws -> String {
        let body =
            #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"\#(text)"}}]}]}]}"#
        return try await Command(
            "/usr/bin/curl",
            [
                "-s", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}", "-H",
                "content-type: application/json", "-d", body,
                "http://127.0.0.1:\(port)/v1/logs",
            ]
        ).run().output
    }

    private static func relay(_ queue: String, _ ports: [Int]) -> String {
        """
        extensions:
          file_storage: {directory: "\(queue)"}
        receivers:
          otlp: {ack: durable, protocols: {http: {endpoint: "127.0.0.1:\(ports[1])"}}}
        sinks:
          otlphttp:
            endpoint: "http://127.0.0.1:\(ports[0])"
            retry_on_failure: {initial_interval: 100ms, max_interval: 100ms}
            sending_queue: {storage: file_storage}
        service:
          extensions: [file_storage]
          shutdown: {drain_timeout: 1s}
          pipelines:
            logs: {receivers: [otlp], sinks: [otlphttp]}
        """
    }

    /// The server is not there, the process is killed and another one stopped: what a client was told
    /// is taken arrives when there is a server again.
    @Test(.timeLimit(.minutes(2)))
    func whatIsAnsweredAsDurableSurvivesTheProcess() async throws {
        let ports = try await freePorts(2)
        let queue = try TemporaryFolder()
        let first = try await Weir(Self.relay(queue.path, ports))
        for text in ["one", "two", "three"] {
            #expect(try await Self.post(text, to: ports[1]) == "200", "\(first.log)")
        }
        // Nobody else may have the folder.
        let other = try await Weir(
            Self.relay(queue.path, try await freePorts(2)), waits: false)
        #expect(try await other.end() == 1)
        #expect(other.log.contains("is used by the process"))
        first.kill()
        let inspected = try await Command.weir("queue", "inspect", "\(queue.path)/sink-otlphttp")
        #expect(inspected.output.contains("logs"), "\(inspected.output)\(inspected.errors)")

        let second = try await Weir(Self.relay(queue.path, ports))
        #expect(try await Self.post("four", to: ports[1]) == "200", "\(second.log)")
        #expect(try await second.stop(within: 60) == 0, "\(second.log)")
        #expect(second.log.contains("persisted"), "\(second.log)")

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
        let third = try await Weir(Self.relay(queue.path, ports))
        let isEmpty = await eventually(within: 20) {
            await third.get("/metrics")?.text.contains(
                #"weir_sink_queue_requests{sink="otlphttp"} 0"#) == true
        }
        #expect(isEmpty, "\(third.log)")
        #expect(try await third.stop() == 0, "\(third.log)")
        #expect(try await keeper.stop() == 0)
        let arrived = try keeper.folder.read("logs.jsonl")
        for text in ["one", "two", "three", "four"] {
            #expect(arrived.contains("\"\(text)\""), "\(text) is lost")
        }
    }

    /// What was accepted and cannot be read any more is lost, and that is no good end.
    @Test(.timeLimit(.minutes(1)))
    func aDamagedBatchIsInTheLedger() async throws {
        let ports = try await freePorts(2)
        let queue = try TemporaryFolder()
        let first = try await Weir(Self.relay(queue.path, ports))
        for text in ["whole", "broken"] {
            #expect(try await Self.post(text, to: ports[1]) == "200", "\(first.log)")
        }
        first.kill()
        let folder = URL(fileURLWithPath: "\(queue.path)/sink-otlphttp")
        var isBroken = false
        for file in try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil)
        {
            // Without an index all segments are read at the start.
            if file.lastPathComponent.hasPrefix("index") {
                try FileManager.default.removeItem(at: file)
            } else if var bytes = try? Data(contentsOf: file),
                let place = bytes.firstRange(of: Data("broken".utf8))
            {
                bytes[place.lowerBound] ^= 1
                try bytes.write(to: file)
                isBroken = true
            }
        }
        #expect(isBroken)
        let second = try await Weir(Self.relay(queue.path, ports))
        #expect(try await second.stop(within: 60) == 3, "\(second.log)")
        #expect(second.log.contains("found 1 damaged batch of an earlier run"), "\(second.log)")
        #expect(second.items("persisted", "log record") <= 1)
        // It is said once.
        let third = try await Weir(Self.relay(queue.path, ports))
        #expect(try await third.stop(within: 60) == 0, "\(third.log)")
    }

    @Test(.timeLimit(.minutes(1)))
    func aStorageThatIsNotThereIsSaid() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            """
            receivers:
              otlp: {protocols: {http: }}
            sinks:
              otlphttp:
                endpoint: "http://127.0.0.1:1"
                sending_queue: {storage: file_storage/other}
            service:
              pipelines:
                logs: {receivers: [otlp], sinks: [otlphttp]}
            """, to: "weir.yaml")
        let result = try await Command.weir("validate", file)
        #expect(result.status == 2)
        #expect(result.errors.contains("'file_storage/other' is no extension file_storage"))
        #expect(result.errors.contains("weir.yaml:6:"), "\(result.errors)")
    }

    @Test(.timeLimit(.minutes(1)))
    func aQueueIsDrainedToAFile() async throws {
        let ports = try await freePorts(2)
        let queue = try TemporaryFolder()
        let first = try await Weir(Self.relay(queue.path, ports))
        #expect(try await Self.post("left", to: ports[1]) == "200", "\(first.log)")
        first.kill()
        let folder = "\(queue.path)/sink-otlphttp"
        let drained = try await Command.weir("queue", "drain", folder)
        #expect(drained.status == 0 && drained.output.contains("\"left\""), "\(drained.errors)")
        let again = try await Command.weir("queue", "inspect", folder)
        #expect(again.output.contains("Nothing waits"), "\(again.output)")
        #expect(try await Command.weir("queue", "repair", folder).status == 0)
    }
}
