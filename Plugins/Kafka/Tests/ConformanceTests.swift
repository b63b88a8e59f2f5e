import Testing
import WeirTestKit

@testable import KafkaPlugin

struct ConformanceTests {
    @Test(.timeLimit(.minutes(3))) func conforms() async throws {
        // Nobody listens there: what is sent stays under way until the end.
        let settings = #"{"brokers": ["127.0.0.1:1"]}"#
        try await onThread {
            try conformance(
                plugin,
                ConformanceOptions(settings: [
                    "sink kafka": settings, "receiver kafka": settings,
                ]))
        }
    }
}
