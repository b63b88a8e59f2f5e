import Testing
import WeirSDK

@testable import OtlpPlugin

struct PrintableTests {
    /// What stands in messages never holds what may be a secret.
    @Test(arguments: [
        ("backend:4317", "backend:4317"),
        ("http://user:secret@backend/v1/logs", "http://backend/v1/logs"),
        ("user:secret@backend:4317", "backend:4317"),
        ("https://backend/v1/logs?token=secret", "https://backend/v1/logs"),
        ("https://a:se?cret@backend/v1/logs?b=secret", "https://backend/v1/logs"),
    ])
    func endpointsAreShownWithoutSecrets(_ row: (endpoint: String, shown: String)) {
        #expect(HostSettings.printable(row.endpoint) == row.shown)
    }
}
