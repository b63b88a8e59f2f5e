import Testing
import WeirTestKit

@testable import PrometheusPlugin

struct ConformanceTests {
    @Test func conforms() throws {
        try conformance(
            plugin,
            ConformanceOptions(settings: [
                "receiver prometheus": """
                {"config": {"scrape_configs": [
                  {"job_name": "a", "scrape_interval": "15s",
                   "static_configs": [{"targets": ["localhost:9100", "localhost:9101"]}]}]}}
                """,
                "sink prometheusremotewrite":
                    #"{"endpoint": "http://localhost:9090/api/v1/write"}"#,
            ]))
    }
}
