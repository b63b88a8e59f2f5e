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
}
