import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// A reload that fails half-way: what its receivers had taken until then was answered, and is
    /// delivered.
    @Test(.timeLimit(.minutes(2)))
    func whatAFailedReloadHasTakenIsDelivered() async throws {
        let ports = try await freePorts(3)
        let folder = try TemporaryFolder()
        // It gives up after ten seconds; the pipeline before it runs meanwhile.
        let bad = try await BadPlugin(fixture: "hangs_on_start", message: "").build(in: folder.path)
        let weir = try await Weir(Self.keeper(ports[0]), plugins: [bad])
        try weir.write(
            """
            receivers:
              otlp/new: {protocols: {http: {endpoint: "127.0.0.1:\(ports[1])"}}}
              otlp: {protocols: {http: {endpoint: "127.0.0.1:\(ports[0])"}}}
            sinks:
              otlphttp:
                endpoint: "http://127.0.0.1:\(ports[2])"
                retry_on_failure: {initial_interval: 100ms, max_interval: 100ms}
              bad: {}
            service:
              pipelines:
                logs/new: {receivers: [otlp/new], sinks: [otlphttp]}
                logs: {receivers: [otlp], sinks: [bad]}
            """)
        let reload = try Command(
            "/usr/bin/curl", ["-s", "-X", "POST", "http://127.0.0.1:\(weir.admin)/-/reload"]
        ).start(output: "\(folder.path)/answer", errors: "\(folder.path)/errors")
        defer { if reload.isRunning { reload.kill() } }
        let isTaken = await eventually(within: 9) {
            (try? await postLog("taken by the new one", port: ports[1])) != nil
        }
        #expect(isTaken, "\(weir.log)")
        #expect(await reload.ended(within: 30))
        #expect(try folder.read("answer").contains("did not return within"))
        // The server comes, and gets it.
        let server = try await Weir(Self.keeper(ports[2]))
        let hasArrived = await eventually(within: 20) {
            (try? server.folder.read("logs.jsonl"))?.contains("taken by the new one") == true
        }
        #expect(hasArrived, "\(weir.log)")
        #expect(try await weir.stop() == 0, "\(weir.log)")
        #expect(weir.items("dropped", "log record") == 0, "\(weir.ledger)")
        #expect(try await server.stop() == 0)
    }

    /// The queues on disk that a failed reload has opened are free again when it has answered, also
    /// where a delivery was under way.
    @Test(.timeLimit(.minutes(1)))
    func aReloadCanBeMadeGoodAtOnce() async throws {
        let port = try await freePorts(1)[0]
        // Takes connections and says nothing; the other one has the port that is wanted.
        let (server, holder) = (LoopbackSocket(), LoopbackSocket())
        defer { withExtendedLifetime((server, holder)) {} }
        let queue = try TemporaryFolder()
        func relay(_ sink: String, more: String = "", receivers: String = "otlp") -> String {
            """
            extensions:
              file_storage: {directory: "\(queue.path)"}
            receivers:
              otlp: {protocols: {http: {endpoint: "127.0.0.1:\(port)"}}}\(more)
            sinks:
              \(sink)
            service:
              extensions: [file_storage]
              shutdown: {drain_timeout: 1s}
              pipelines:
                logs: {receivers: [\(receivers)], sinks: [otlphttp]}
            """
        }
        let stored = """
            otlphttp: {endpoint: "http://127.0.0.1:\(server.port)", timeout: 3s, sending_queue: {storage: file_storage}}
            """
        let first = try await Weir(relay(stored))
        try await postLog("from before", port: port)
        #expect(try await first.stop() == 0, "\(first.log)")

        let weir = try await Weir(
            relay("debug: {}").replacing("[otlphttp]", with: "[debug]"))
        try weir.write(
            relay(
                stored,
                more: """

                      otlp/taken: {protocols: {http: {endpoint: "127.0.0.1:\(holder.port)"}}}
                    """, receivers: "otlp, otlp/taken"))
        let failed = await weir.get("/-/reload", method: "POST")
        #expect(failed?.status == 500 && failed?.text.contains("in use") == true)
        try weir.write(relay(stored))
        let done = await weir.get("/-/reload", method: "POST")
        #expect(done?.status == 200, "\(done?.text ?? "")\n\(weir.log)")
        #expect(try await weir.stop() == 0, "\(weir.log)")
        #expect(weir.log.contains("otlphttp: persisted 1 log record"), "\(weir.log)")
    }

    private static func keeper(_ port: Int) -> String {
        """
        receivers:
          otlp: {protocols: {http: {endpoint: "127.0.0.1:\(port)"}}}
        sinks:
          file: {path: FOLDER/logs.jsonl}
        service:
          pipelines:
            logs: {receivers: [otlp], sinks: [file]}
        """
    }
}
