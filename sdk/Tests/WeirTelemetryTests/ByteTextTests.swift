import Testing
import WeirTelemetry

/// Bytes as text.
struct ByteTextTests {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy"),
        ("user:pass", "dXNlcjpwYXNz"), ("ÿ>?", "w78+Pw=="),
    ])
    func base64(_ text: String, _ expected: String) {
        #expect(Array(text.utf8).base64 == expected)
    }

    @Test func hex() { #expect(([0x00, 0x0f, 0xa5, 0xff] as [UInt8]).hex == "000fa5ff") }
}
