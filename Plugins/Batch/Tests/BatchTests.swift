import BatchPlugin
import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

struct BatchTests {
    @Test func conforms() throws { try conformance(plugin) }
}
