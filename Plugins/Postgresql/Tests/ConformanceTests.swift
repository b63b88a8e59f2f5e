import Testing
import WeirSDK
import WeirTestKit

@testable import PostgresqlPlugin

struct ConformanceTests {
    /// Nothing listens on that port, so each collection ends with an error and at once.
    @Test func conforms() throws {
        try conformance(
            plugin,
            ConformanceOptions(settings: [
                "postgresql": #"{"endpoint": "postgresql://127.0.0.1:1/x"}"#
            ])
        )
    }
}
