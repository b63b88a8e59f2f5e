import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// Editors must not underline what Weir takes: every example fits the schema, by a validator that
    /// is not ours, and a mistake does not.
    @Test(.timeLimit(.minutes(1)))
    func examplesFitTheSchema() async throws {
        let folder = try TemporaryFolder()
        let schema = try await Command.weir("schema")
        try folder.write(schema.output, to: "schema.json")
        let files = Self.configurations.map { "\(Build.root)/examples/configs/\($0)" }
        let script = "\(Build.clients)/check_schema.py"
        let result = try await Command(
            Build.python, [script, "\(folder.path)/schema.json"] + files
        ).run()
        #expect(result.status == 0, "\(result.output)\(result.errors)")

        let wrong = try folder.write(
            "sinks: {otlp: {endpoint: 'a:1', sending_queue: {queue_sise: 5}}}", to: "wrong.yaml")
        let refused = try await Command(
            Build.python, [script, "\(folder.path)/schema.json", wrong]
        ).run()
        #expect(refused.status == 1 && refused.output.contains("queue_sise"))
    }
}
