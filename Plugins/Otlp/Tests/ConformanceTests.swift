import Testing
import WeirTestKit

@testable import OtlpPlugin

struct ConformanceTests {
    @Test func conforms() throws {
        try conformance(
            plugin,
            ConformanceOptions(settings: [
                "receiver otlp": #"{"protocols": {"grpc": null, "http": {}}}"#,
                "sink otlp": #"{"endpoint": "localhost:4317"}"#,
                "sink otlphttp": #"{"endpoint": "http://localhost:4318"}"#,
                "sink loadbalancing":
                    #"{"protocol": {"otlp": {}}, "resolver": {"static": {"hostnames": ["a"]}}}"#,
            ]))
    }
}
