import Redact
import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

struct RedactTests {
    /// The suite that every plugin is put through.
    @Test func conforms() throws {
        try conformance(
            plugin, ConformanceOptions(settings: ["redact": #"{"keys": ["user"]}"#]))
    }

    @Test func masksWhatItIsTold() throws {
        let host = FakeHost()
        let redact = try host.start(
            plugin, .processor, "redact", settings: #"{"keys": ["user.email"], "mask": "***"}"#)
        try redact.consume(host.batch(.logs, request(email: "ada@example.com")))
        #expect(host.emitted.map(\.bytes) == [request(email: "***")])
        try redact.end()
    }

    private func request(email: String) -> [UInt8] {
        var record = LogRecord("signed in")
        record.attributes = [Attribute("user.email", .string(email)), Attribute("ok", true)]
        var builder = RequestBuilder(.logs)
        builder.logRecord(record)
        return builder.finish()
    }
}
