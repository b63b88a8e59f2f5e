import Testing
import WeirTestKit

@testable import PrometheusPlugin

struct ConformanceTests {
    @Test func conforms() throws { try conformance(plugin) }
}
