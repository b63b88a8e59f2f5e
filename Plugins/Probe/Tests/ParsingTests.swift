import Testing

@testable import ProbePlugin

struct ParsingTests {
    @Test(
        arguments: [
            ("example.org", "example.org", 80, "/", false),
            ("http://example.org:8080/a/b?c=d#e", "example.org", 8080, "/a/b?c=d", false),
            ("https://example.org", "example.org", 443, "/", true),
            ("https://[2001:db8::1]:8443?x", "2001:db8::1", 8443, "/?x", true),
            ("HTTPS://u:p%40@example.org/", "example.org", 443, "/", true),
            ("http://example.org:/", "example.org", 80, "/", false),
        ] as [(String, String, Int, String, Bool)])
    func urls(_ text: String, _ host: String, _ port: Int, _ path: String, _ isSecure: Bool) throws
    {
        let url = try ProbeURL(text)
        #expect(url.host == host && url.port == port)
        #expect(url.path == path && url.isSecure == isSecure)
    }

    @Test(arguments: [
        "", "http://", "http://:80/", "ftp://example.org", "http://a:99999/", "http://a:x/",
        "http://[::1/", "http://a/\r\nInjected: 1", "http://a/b c",
    ])
    func badURLs(_ text: String) {
        #expect(throws: ProbeFailure.self) { try ProbeURL(text) }
    }

    @Test(arguments: [
        ("/new", "http://example.org/new"), ("new?x", "http://example.org/a/new?x"),
        ("//other.example/z", "http://other.example/z"), ("?q", "http://example.org/a/b?q"),
        ("https://other.example", "https://other.example/"),
        ("/r?u=http://x", "http://example.org/r?u=http://x"),
    ])
    func redirects(_ location: String, _ expected: String) throws {
        let next = try ProbeURL("http://example.org/a/b?c").following(location)
        #expect(next == (try ProbeURL(expected)))
    }

    @Test(
        arguments: [
            ("127.0.0.1", 4, 3_668_918_509), ("::1", 16, 0), ("[::1]", 16, 0),
            ("192.0.2.1", 4, 0),
        ] as [(String, Int, UInt32)])
    func addresses(_ text: String, _ size: Int, _ hash: UInt32) throws {
        let address = try #require(IPAddress(text))
        #expect(address.bytes.count == size)
        // What blackbox_exporter says of loopback.
        if hash != 0 { #expect(address.hash == hash) }
        #expect(IPAddress(address.text) == address)
    }

    @Test(
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Thu, 29 Feb 2024 12:00:00 GMT", 1_709_208_000),
            ("Fri, 31 Dec 1999 23:59:59 GMT", 946_684_799), ("yesterday", nil),
            ("Sun, 06 Nov 1994 08:49 GMT", nil), ("Sun, 40 Nov 1994 08:49:37 GMT", nil),
        ] as [(String, Int64?)])
    func dates(_ text: String, _ seconds: Int64?) {
        #expect(HTTPDate.seconds(text) == seconds)
    }

    @Test(arguments: [
        ("PONG ${1}", "PONG x"), ("$1$1", "xx"), ("$$1", "$1"), ("${9}", ""), ("a$", "a$"),
        ("${1", "${1"), ("$x", "$x"), ("${0}!", "all!"),
    ])
    func expansion(_ template: String, _ expected: String) {
        #expect(TCPProber.expand(template, ["all", "x"]) == expected)
    }

    @Test(arguments: [
        ("/etc/ssl/web.pem", "web"), ("/secrets/shop/tls.crt", "shop"),
        ("/secrets/shop/ca.crt", "shop/ca"), ("/le/live/x.org/fullchain.pem", "x.org"),
        ("a.b.crt", "a.b"), ("plain", "plain"),
    ])
    func certificateNames(_ path: String, _ name: String) {
        #expect(CertificateFiles.name(path) == name)
    }

    @Test func checksums() {
        // RFC 1071, section 3.
        #expect(Echo.checksum([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]) == ~0xddf2)
        let echo = Echo(isVersion4: true, id: 7, sequence: 9, payloadSize: 5)
        #expect(Echo.checksum(echo.request) == 0)
        var reply = echo.request
        reply[0] = 0
        #expect(echo.isAnswered(by: reply, hasOwnID: true))
        reply[5] = 8
        #expect(!echo.isAnswered(by: reply, hasOwnID: true))
        #expect(echo.isAnswered(by: reply, hasOwnID: false))
        #expect(!echo.isAnswered(by: echo.request, hasOwnID: true))
        #expect(!echo.isAnswered(by: [], hasOwnID: false))
    }
}
