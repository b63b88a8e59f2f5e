import Testing
import WeirSDK

struct PercentEncodingTests {
    @Test(arguments: [
        ("", "", ""), ("a%20b", "a b", "a b"), ("a+b", "a+b", "a b"), ("%2B", "+", "+"),
        ("%c3%A4", "ä", "ä"), ("100%", "100%", "100%"), ("%4", "%4", "%4"), ("%zz", "%zz", "%zz"),
        // What a number may be written as is no escape.
        ("%+f", "%+f", "% f"), ("%%41", "%A", "%A"), ("%ff", "\u{fffd}", "\u{fffd}"),
    ])
    func decodes(_ text: String, _ plain: String, _ form: String) {
        #expect(PercentEncoding.decode(text) == plain)
        #expect(PercentEncoding.decode(text[...], plusIsSpace: true) == form)
    }

    @Test(arguments: [
        ("", ""), ("aZ09-._~", "aZ09-._~"), ("a b/c", "a%20b%2Fc"), ("ä+%", "%C3%A4%2B%25"),
    ])
    func encodes(_ text: String, _ expected: String) {
        #expect(PercentEncoding.encode(text) == expected)
        #expect(PercentEncoding.decode(expected) == text)
    }

    @Test func keepsWhatItIsTold() {
        #expect(PercentEncoding.encode("/a b") { $0 > 0x20 } == "/a%20b")
    }
}
