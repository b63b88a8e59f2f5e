import Testing
import WeirTestKit

extension EndToEnd {
    /// `weir run` without a file: takes OTLP, prints it, keeps it, and says how to send something.
    /// The test sends what it says.
    @Test(.timeLimit(.minutes(1)))
    func runWithoutAFile() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            """
            \(Build.weir) run >weir.log 2>&1 &
            weir=$!
            for attempt in $(seq 500); do
              curl -sf -o /dev/null http://127.0.0.1:8888/health/ready && break
              sleep 0.02
            done
            eval "$(grep -m 1 '^  curl ' weir.log)"
            kill -TERM $weir
            wait $weir
            """, to: "session.sh")
        let session = try await Command(
            Build.python, ["\(Build.clients)/alone.py", "/bin/bash", "-e", "session.sh"],
            environment: ["WEIR_PLUGIN_PATH": Build.plugins], folder: folder.path
        ).run()
        let log = try folder.read("weir.log")
        #expect(session.status == 0, "\(session.output)\(session.errors)\(log)")
        #expect(log.contains("hello"), "\(log)")
        #expect(log.contains("receiver otlp: accepted 1 log record"), "\(log)")
        #expect(log.contains("OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318"))
        #expect(try folder.read("weir-data/logs.jsonl").contains(#""stringValue":"hello""#))
    }
}
