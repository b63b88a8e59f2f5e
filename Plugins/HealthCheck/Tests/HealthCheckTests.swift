import Testing
import WeirJSON
import WeirSDK
import WeirTestKit

@testable import HealthCheckPlugin

struct HealthCheckTests {
    private let host = FakeHost()

    private func start(_ settings: String = "{}") throws -> TestInstance {
        try host.start(plugin, .extension, "health_check", settings: settings)
    }

    private func get(_ path: String, method: String = "GET") throws -> Response {
        let exchange = try #require(host.server.send(method, path, body: []))
        return try #require(exchange.response)
    }

    @Test func conforms() throws { try conformance(plugin) }

    /// The fake host has been up since its clock began, at 2025-01-01.
    @Test func answers() throws {
        let instance = try start()
        host.advance(by: .milliseconds(3_723_500 - 1000))
        let first = try get("/")
        #expect(first.code == 200)
        #expect(first.contentType == "application/json")
        #expect(
            String(decoding: first.body, as: UTF8.self)
                == #"{"status":"Server available","upSince":"2025-01-01T00:00:00Z","#
                + #""uptime":"1h2m3.5s"}"#)
        host.advance(by: .seconds(1))
        let second = try get("/any/path")
        #expect(String(decoding: second.body, as: UTF8.self).contains(#""uptime":"1h2m4.5s""#))
        try instance.end()
        #expect(host.server.send("GET", "/", body: []) == nil)
    }

    @Test(
        arguments: [
            ("/", "/", 200), ("/", "/x", 200), ("/health", "/health", 200), ("/health", "/", 404),
            ("/health", "/health/x", 404), ("/health", "/healthy", 404), ("/h/", "/h/x", 200),
            ("/h/", "/h", 404),
        ] as [(String, String, UInt32)])
    func paths(_ configured: String, _ asked: String, _ code: UInt32) throws {
        let instance = try start(#"{"path": "\#(configured)"}"#)
        #expect(try get(asked).code == code)
        try instance.end()
    }

    @Test func methods() throws {
        let instance = try start()
        let head = try get("/", method: "HEAD")
        #expect(head.code == 200 && head.body.isEmpty)
        let post = try get("/", method: "POST")
        #expect(post.code == 405 && post.headers == [Header("allow", "GET, HEAD")])
        try instance.end()
    }

    @Test(arguments: [
        ("fine", "text/plain; charset=utf-8"), (#"{"up": true}"#, "application/json"),
    ])
    func ownBody(_ text: String, _ contentType: String) throws {
        let escaped = JSONValue.object([JSONMember("healthy", .string(text))]).serialized()
        let instance = try start(#"{"response_body": \#(escaped)}"#)
        let response = try get("/")
        #expect(response.body == Array(text.utf8))
        #expect(response.contentType == contentType)
        try instance.end()
    }

    /// What is not this plugin's own goes to the host, and its own does not.
    @Test func passesServerSettingsOn() throws {
        let instance = try host.createRaw(
            plugin, .extension, "health_check",
            #"{"path": "/h", "endpoint": "[::1]:1", "tls": {"cert_file": "c"}, "response_body": {}}"#
        )
        try instance.start()
        #expect(host.server.listening == [#"{"endpoint":"[::1]:1","tls":{"cert_file":"c"}}"#])
        try instance.end()
    }

    @Test func listensOnItsDefault() throws {
        let instance = try start()
        #expect(host.server.listening == [#"{"endpoint":"localhost:13133"}"#])
        try instance.end()
    }

    @Test(arguments: ["weir.http-server/1", "weir.status/1"])
    func needsItsExtensions(_ id: String) throws {
        host.withhold(id)
        let error = #expect(throws: ComponentError.self) { try start() }
        #expect(error?.kind == .unsupported)
        #expect(error?.message.contains(id) == true)
    }

    @Test(
        arguments: [
            (Health.starting, 503), (.ok, 200), (.recoverableError, 200), (.permanentError, 503),
            (.stopping, 503),
        ] as [(Health, UInt32)])
    func states(_ health: Health, _ code: UInt32) {
        var custom = ResponseBody()
        custom.unhealthy = "down"
        let answer = HealthAnswer(health, upSince: 0, uptime: 0, custom: custom)
        #expect(answer.code == code)
        #expect((answer.body == Array("down".utf8)) == (code == 503))
    }

    @Test func notUp() {
        let answer = HealthAnswer(.starting, upSince: nil, uptime: 5, custom: ResponseBody())
        #expect(
            String(decoding: answer.body, as: UTF8.self)
                == #"{"status":"Server not available","upSince":"0001-01-01T00:00:00Z","uptime":""}"#
        )
    }

    @Test(
        arguments: [
            (0, "0s"), (1, "1ns"), (1500, "1.5µs"), (1_000_050, "1.00005ms"), (2_000_000_000, "2s"),
            (61_500_000_000, "1m1.5s"), (3_600_000_000_000, "1h0m0s"),
            (360_000_000_000_001, "100h0m0.000000001s"),
        ] as [(UInt64, String)])
    func durations(_ nanoseconds: UInt64, _ text: String) {
        #expect(goDuration(nanoseconds) == text)
    }
}
