import Testing
import WeirJSON

@testable import WeirSDK

struct SettingsTests {
    @Test(arguments: [
        ("sendBatchSize", "send_batch_size"), ("timeout", "timeout"),
        ("maxURLLength", "max_url_length"), ("send_batch_size", "send_batch_size"),
        ("tlsCA", "tls_ca"), ("http2Only", "http2_only"),
    ])
    func names(_ property: String, _ key: String) {
        #expect(snakeCase(property) == key)
    }

    struct Inner: Decodable, Equatable {
        var maxAttempts: UInt8
        var mode: Mode?
    }

    enum Mode: String, Decodable { case fast, safe }

    struct Sample: Decodable {
        var timeout: Duration
        var bodyLimit: ByteCount
        var delays: [Duration]
        var labels: [String: String]
        var retry: Inner?
        var grpc: HostSettings?
        var ratio: Double
    }

    private let full = """
        {"timeout": 1500000000, "body_limit": 4096, "delays": [1, 2], "ratio": 1,
         "labels": {"camelCase": "a", "snake_case": "b"}, "grpc": {"endpoint": "x:1"},
         "retry": {"max_attempts": 3, "mode": "safe"}}
        """

    @Test func decodes() throws {
        let sample = try decodeSettings(Sample.self, from: JSONValue(parsing: full))
        #expect(sample.timeout == .milliseconds(1500))
        #expect(sample.bodyLimit == ByteCount(4096))
        #expect(sample.delays == [.nanoseconds(1), .nanoseconds(2)])
        #expect(sample.labels == ["camelCase": "a", "snake_case": "b"])
        #expect(sample.retry == Inner(maxAttempts: 3, mode: .safe))
        #expect(sample.grpc?.json["endpoint"]?.stringValue == "x:1")
        #expect(sample.ratio == 1)
    }

    @Test func tracesWhatWasAskedFor() throws {
        let trace = SettingsTrace()
        _ = try decodeSettings(Sample.self, from: JSONValue(parsing: full), trace: trace)
        #expect(
            trace.paths.isSuperset(of: [
                "timeout", "body_limit", "delays", "labels", "retry.max_attempts", "retry.mode",
                "grpc",
            ]))
        #expect(!trace.paths.contains("grpc.endpoint"))
    }

    /// What is replaced in good settings, and what the message has to say.
    @Test(arguments: [
        (
            #""timeout": 1500000000"#, #""timeout": "1s""#,
            "timeout: found \"1s\", expected a duration"
        ),
        (#""max_attempts": 3"#, #""max_attempts": 300"#, "retry.max_attempts: found 300"),
        (#""delays": [1, 2]"#, #""delays": [1, true]"#, "delays[1]: found true"),
        (#""body_limit": 4096, "#, "", "body_limit: found nothing, expected a value"),
        (
            #""labels": {"#, #""labels": [], "x": {"#,
            "labels: found a list of 0, expected a mapping"
        ),
    ])
    func saysWhatIsWrong(_ old: String, _ new: String, _ message: String) throws {
        let start = try #require(full.range(of: old))
        let text = full.replacingCharacters(in: start, with: new)
        let error = #expect(throws: ComponentError.self) {
            _ = try decodeSettings(Sample.self, from: JSONValue(parsing: text))
        }
        #expect(error?.kind == .invalid)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
}

extension String {
    fileprivate func range(of text: String) -> Range<Index>? { firstRange(of: text) }

    fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
        var copy = self
        copy.replaceSubrange(range, with: text)
        return copy
    }
}
