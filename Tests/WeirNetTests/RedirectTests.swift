import NIOCore
import Testing

@testable import WeirNet

@Suite struct RedirectTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var location: String
        var target: String?
        var uri: String
        init(_ location: String, _ target: String?, _ uri: String) {
            (self.location, self.target, self.uri) = (location, target, uri)
        }
        var testDescription: String { location }
    }

    /// From http://a.example:80/b/c/d;p?q, as RFC 3986, 5.4 has it.
    @Test(arguments: [
        Case("g", nil, "/b/c/g"), Case("./g", nil, "/b/c/g"), Case("g/", nil, "/b/c/g/"),
        Case("/g", nil, "/g"), Case("//g", "g:80", "/"), Case("?y", nil, "/b/c/d;p?y"),
        Case("g?y", nil, "/b/c/g?y"), Case("#s", nil, "/b/c/d;p?q"), Case("g#s", nil, "/b/c/g"),
        Case("", nil, "/b/c/d;p?q"), Case(".", nil, "/b/c/"), Case("./", nil, "/b/c/"),
        Case("..", nil, "/b/"), Case("../g", nil, "/b/g"), Case("../..", nil, "/"),
        Case("../../../g", nil, "/g"), Case("/./g", nil, "/g"), Case("/../g", nil, "/g"),
        Case("g..", nil, "/b/c/g.."), Case("./../g", nil, "/b/g"), Case("g/./h", nil, "/b/c/g/h"),
        Case("g/../h", nil, "/b/c/h"), Case("g?y/../x", nil, "/b/c/g?y/../x"),
        Case("http://a.example/x?y=1#z", nil, "/x?y=1"), Case("HTTP://a.example", nil, "/"),
        Case("http://a.example:8080/x", "a.example:8080", "/x"),
        Case("https://a.example/x", "a.example:443", "/x"),
        Case("http://[::1]:9/x", "[::1]:9", "/x"), Case("http://b?q=/", "b:80", "/?q=/"),
        Case("/a b\u{e9}", nil, "/a%20b%C3%A9"),
    ])
    func locations(_ test: Case) throws {
        let redirect = try Redirect(
            location: test.location, uri: "/b/c/d;p?q",
            current: TargetURL(parsing: "http://a.example"), usesTLS: false)
        #expect(redirect.uri == test.uri)
        #expect(redirect.target?.endpoint.description == test.target)
    }

    @Test(arguments: ["ftp://a/b", "file:/etc/passwd", "http://u:p@a/", "http://"])
    func refusedLocations(location: String) throws {
        let here = try TargetURL(parsing: "http://a.example")
        #expect(throws: NetError.self) {
            try Redirect(location: location, uri: "/", current: here, usesTLS: false)
        }
    }

    @Test(arguments: [
        ("http://a:1", "http://a:2", true), ("http://a", "https://A", true),
        ("https://a", "http://a", false), ("https://a", "https://b", false),
        ("https://a", "https://a.b", false), ("unix:/x", "http://localhost", false),
    ])
    func credentials(from: String, to: String, shared: Bool) throws {
        let (from, to) = (try TargetURL(parsing: from), try TargetURL(parsing: to))
        #expect(from.sharesCredentials(with: to) == shared)
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func followsOnlyIfAsked(status: Int) throws {
        let server = try ScriptedServer { head, connection in
            if head.contains(" /new ") { return connection.answer("200 OK", head.requestLine) }
            connection.answer("\(status) Moved", "elsewhere", "location: /new")
        }
        defer { server.stop() }
        let still = try scriptedClient(server.url)
        defer { try? still.close().wait() }
        #expect(still.call(get("/old")).response?.status == status)
        let moving = try scriptedClient(server.url + "/base") { $0.followsRedirects = true }
        defer { try? moving.close().wait() }
        let response = try moving.call(get("/old")).get()
        #expect(response.status == 200)
        #expect(String(buffer: response.body) == "GET /new HTTP/1.1")
        // What was posted arrives again with 307 and 308 only.
        let posted = try moving.call(
            ClientRequest(path: "/old", parts: [ByteBuffer(string: "data")])
        ).get()
        let repeats = status >= 307
        #expect(
            String(buffer: posted.body) == (repeats ? "POST" : "GET") + " /new HTTP/1.1")
        #expect(server.requests.last?.hasSuffix("data") == repeats)
    }

    @Test func credentialsStayWithTheirHost() throws {
        let stranger = try ScriptedServer { _, connection in connection.answer("200 OK", "there") }
        defer { stranger.stop() }
        let (near, far) = (stranger.url, "http://localhost:\(stranger.port)")
        let server = try ScriptedServer { head, connection in
            let location = head.contains(" /near ") ? near : far
            connection.answer("302 Found", "", "location: \(location)/there")
        }
        defer { server.stop() }
        let client = try scriptedClient(server.url) {
            $0.followsRedirects = true
            $0.authorization = ClientAuthorization(.named("Bearer"), .text("t0ken"))
            $0.headers = [("x-api-key", "k3y")]
        }
        defer { try? client.close().wait() }
        for path in ["/near", "/far"] {
            let request = get(path) { $0.headers = [("cookie", "c"), ("accept", "text/plain")] }
            let response = try client.call(request).get()
            #expect(String(buffer: response.body) == "there")
        }
        let heads = stranger.requests
        #expect(heads[0].header("authorization") == "Bearer t0ken")
        #expect(heads[0].header("x-api-key") == "k3y")
        #expect(heads[0].header("cookie") == "c")
        #expect(heads[1].header("host") == "localhost:\(stranger.port)")
        for name in ["authorization", "x-api-key", "cookie"] {
            #expect(heads[1].header(name) == nil, "\(name)")
        }
        #expect(heads.allSatisfy { $0.header("accept") == "text/plain" })
    }

    @Test func circlesEnd() throws {
        let server = try ScriptedServer { _, connection in
            connection.answer("302 Found", "", "location: /again")
        }
        defer { server.stop() }
        let client = try scriptedClient(server.url) { $0.followsRedirects = true }
        defer { try? client.close().wait() }
        let error = try #require(client.call(get()).error)
        #expect(error.message.contains("after 10 redirects: do they go in a circle?"))
        #expect(server.requests.count == 11)
    }
}
