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
        (.sink, #"{"librdkafka": {"no.such.thing": "1"}}"#, ["librdkafka.no.such.thing"]),
        (
            .sink, #"{"librdkafka": {"acks": "many"}}"#, ["librdkafka.acks", "'many'"]
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
    ]

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
