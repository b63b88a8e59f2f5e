import Testing
import WeirSDK
import WeirTestKit

@testable import KafkaPlugin

struct SettingsTests {
    static let refused: [(ComponentKind, String, [String])] = [
        (.sink, #"{"idempotent": true, "producer": {"required_acks": 1}}"#, ["required_acks"]),
        (
            .sink, #"{"timeout": "1s", "producer": {"linger": "2s"}}"#,
            ["producer.linger", "timeout"]
        ),
        (.sink, #"{"librdkafka": {"no.such.thing": "1"}}"#, [#"librdkafka."no.such.thing": "#]),
        (
            .sink, #"{"librdkafka": {"acks": "many"}}"#, [#"librdkafka."acks": "#, "'many'"]
        ),
        (.receiver, #"{"heartbeat_interval": "10s"}"#, ["heartbeat_interval", "session_timeout"]),
        (
            .receiver, #"{"traces": {"topic": "t"}, "logs": {"topic": "t"}}"#,
            ["topic 't' is given for two signals"]
        ),
        (
            .receiver, #"{"librdkafka": {"enable.auto.offset.store": "true"}}"#,
            ["message_marking"]
        ),
        (.sink, #"{"brokers": ["a:9092", "b:port"]}"#, ["brokers[1]: found b:port, expected"]),
        (.sink, #"{"brokers": ["a:9092,b:"]}"#, ["brokers[0]: found b:, expected HOST:PORT"]),
        (.sink, #"{"brokers": ["a:0"]}"#, ["a port is a number"]),
        (.sink, #"{"brokers": [":9092"]}"#, ["the host is missing"]),
        (.sink, #"{"brokers": ["http://a:9092"]}"#, ["leave out http://"]),
        (.receiver, #"{"brokers": ["::1:9092"]}"#, ["[::1]:9092"]),
        (
            .sink, #"{"producer": {"compression": "gzip", "compression_params": {"level": 12}}}"#,
            ["producer.compression_params.level: found 12, expected -1 to 9, which gzip has"]
        ),
        (
            .sink, #"{"producer": {"compression_params": {"level": 3}}}"#,
            ["level: found 3, expected none, as none has no levels"]
        ),
        (.sink, #"{"logs": {"topic": "a b"}}"#, ["logs.topic: found 'a b', expected"]),
        (.receiver, #"{"traces": {"topic": "^a"}}"#, ["traces.topic: found '^a', expected"]),
        (.sink, #"{"metrics": {"topic": ".."}}"#, ["metrics.topic: found '..'"]),
        (
            .sink,
            #"{"auth": {"sasl": {"username": "u", "password": "p"}}, "librdkafka": {"security.protocol": "plaintext"}}"#,
            [#"librdkafka."security.protocol": found plaintext, expected sasl_ssl"#]
        ),
        (
            .receiver, #"{"tls": {}, "librdkafka": {"security.protocol": "PLAINTEXT"}}"#,
            ["found plaintext, expected ssl"]
        ),
        // All at once.
        (
            .sink,
            #"{"brokers": ["b:x"], "logs": {"topic": "a b"}, "idempotent": true, "producer": {"required_acks": 1}}"#,
            ["brokers[0]: ", "\nlogs.topic: ", "\nidempotent: "]
        ),
    ]

    static let taken: [(ComponentKind, String)] = [
        (
            .sink,
            #"{"brokers": ["a", "b:9093", "[::1]:9092", "[::1]", "SSL://c:9093", "d:1, e:2"]}"#
        ),
        (.sink, #"{"producer": {"compression": "gzip", "compression_params": {"level": 9}}}"#),
        (.sink, #"{"producer": {"compression": "snappy", "compression_params": {"level": 0}}}"#),
        (.sink, #"{"producer": {"compression": "lz4", "compression_params": {"level": 12}}}"#),
        (.receiver, #"{"traces": {"topic": "a.B_c-9"}}"#),
        (
            .receiver,
            #"{"auth": {"sasl": {"username": "u", "password": "p"}}, "librdkafka": {"security.protocol": "sasl_ssl"}}"#
        ),
    ]

    @Test(arguments: taken) func takesWhatMakesSense(kind: ComponentKind, settings: String) throws {
        let host = FakeHost()
        _ = try host.create(plugin, kind, "kafka", settings: settings)
        #expect(host.logs.filter { $0.level == .warning }.isEmpty)
    }

    @Test(arguments: [
        (#"{"auth": {"plain_text": {"username": "u", "password": "hunter2"}}}"#, true),
        (#"{"auth": {"sasl": {"username": "u", "password": "hunter2"}}}"#, true),
        (#"{"auth": {"plain_text": {"username": "u", "password": "hunter2"}}, "tls": {}}"#, false),
        (
            #"{"auth": {"sasl": {"username": "u", "password": "p", "mechanism": "SCRAM-SHA-256"}}}"#,
            false
        ),
    ])
    func aPasswordInClearIsDoubted(settings: String, isDoubted: Bool) throws {
        let host = FakeHost()
        _ = try host.create(plugin, .sink, "kafka", settings: settings)
        let warnings = host.logs.filter { $0.level == .warning }.map(\.message)
        #expect(warnings.contains { $0.contains("in clear") } == isDoubted)
        #expect(!warnings.contains { $0.contains("hunter2") })
    }

    @Test(arguments: refused)
    func saysWhatIsWrong(kind: ComponentKind, settings: String, parts: [String]) throws {
        let error = #expect(throws: ComponentError.self) {
            _ = try FakeHost().create(plugin, kind, "kafka", settings: settings)
        }
        for part in parts { #expect(error?.message.contains(part) == true, "\(error as Any)") }
    }

    @Test func secretsAreInNoMessage() throws {
        let error = #expect(throws: ComponentError.self) {
            _ = try FakeHost().create(
                plugin, .sink, "kafka",
                settings: #"{"librdkafka": {"ssl.key.password": "hunter2", "x": "y"}}"#)
        }
        #expect(error?.message.contains("hunter2") == false)
    }

    @Test func authenticationBecomesProperties() {
        var settings = ClientSettings(
            brokers: ["a:1", "b:2"], clientID: "me", auth: AuthSettings(), tls: nil, librdkafka: [:]
        )
        func value(_ key: String) -> String? {
            settings.properties.last { $0.key == key }?.value
        }
        #expect(value("bootstrap.servers") == "a:1,b:2")
        #expect(value("security.protocol") == nil)
        settings.auth?.plainText = .init(username: "u", password: "p")
        #expect(value("security.protocol") == "sasl_plaintext")
        #expect(value("sasl.mechanism") == "PLAIN" && value("sasl.password") == "p")
        settings.auth?.plainText = nil
        settings.auth?.sasl = .init(username: "u", password: "p", mechanism: "SCRAM-SHA-512")
        settings.tls = TLSSettings(insecure: false, caFile: "/ca", insecureSkipVerify: false)
        #expect(value("security.protocol") == "sasl_ssl")
        #expect(value("sasl.mechanism") == "SCRAM-SHA-512" && value("ssl.ca.location") == "/ca")
        settings.tls?.insecure = true
        #expect(value("security.protocol") == "sasl_plaintext")
    }
}
