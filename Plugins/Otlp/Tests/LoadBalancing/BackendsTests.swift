import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import OtlpPlugin

struct BackendsTests {
    private static let settings =
        #"{"protocol": {"otlp": {}}, "resolver": {"dns": {"hostname": "lb.local"}}}"#

    private func addresses(_ names: String...) -> DNS.Answer {
        .found(names.map { DNS.Record($0) })
    }

    @Test func allAddressesOfANameAreBackends() throws {
        let host = FakeHost()
        let backends = ScriptedBackends(host)
        host.dns["lb.local", .a] = addresses("10.0.0.1", "10.0.0.2")
        host.dns["lb.local", .aaaa] = addresses("fd00::1")
        let sink = try host.start(plugin, .sink, "loadbalancing", settings: Self.settings)
        let batch = try host.batch(.traces, try Units.spans(traces: 0..<100))
        #expect(sink.deliver(batch).outcome == .delivered())
        #expect(Set(backends.asked) == ["10.0.0.1:4317", "10.0.0.2:4317", "[fd00::1]:4317"])
        try sink.end()
    }

    @Test func beforeTheNameIsKnownBatchesWait() throws {
        let host = FakeHost()
        _ = ScriptedBackends(host)
        host.dns["lb.local", .a] = .failed(.timeout("no server"))
        let sink = try host.start(plugin, .sink, "loadbalancing", settings: Self.settings)
        let batch = try host.batch(.traces, try Units.spans(traces: 0..<3))
        guard case .retry(_, let text)? = sink.deliver(batch).outcome else {
            Issue.record("expected a retry")
            return
        }
        #expect(text == "no backend is known yet")
        #expect(host.health.last?.0 == .recoverableError)
        #expect(host.health.last?.1.contains("lb.local cannot be looked up: no server") == true)
        host.dns["lb.local", .a] = addresses("10.0.0.1")
        host.advance(by: .seconds(5))
        #expect(sink.deliver(batch).outcome == .delivered())
        #expect(host.health.last?.0 == .ok)
        // A name server that fails, or forgets, takes no backend away.
        for answer in [DNS.Answer.failed(.timeout("no server")), .notFound] {
            host.dns["lb.local", .a] = answer
            host.advance(by: .seconds(5))
            #expect(sink.deliver(batch).outcome == .delivered())
        }
        // What has not changed is not said again.
        let reports = host.health.count
        host.dns["lb.local", .a] = addresses("10.0.0.1")
        for _ in 0..<4 { host.advance(by: .seconds(5)) }
        #expect(host.health.count <= reports + 1)
        try sink.end()
    }

    /// What is on its way to a backend that went comes to its end; if it fails, it goes on to those
    /// that are there by then.
    @Test(arguments: [true, false])
    func oneThatGoesFinishesWhatItHas(succeeds: Bool) throws {
        let host = FakeHost()
        let backends = ScriptedBackends(host)
        host.dns["lb.local", .a] = addresses("10.0.0.1", "10.0.0.2")
        let sink = try host.start(plugin, .sink, "loadbalancing", settings: Self.settings)
        backends["10.0.0.1:4317"] = .stalls
        let body = try Units.spans(traces: 0..<100)
        let delivery = sink.deliver(try host.batch(.traces, body))
        let index = try #require(host.client.sent.firstIndex { $0.backend == "10.0.0.1:4317" })
        host.dns["lb.local", .a] = addresses("10.0.0.2", "10.0.0.3")
        for _ in 0..<3 { host.advance(by: .seconds(5)) }
        #expect(host.client.isWaiting(index), "it was not cut")
        #expect(delivery.outcome == nil)
        let taken = Units.names(host.client.sent[index].body)
        host.client.reply(to: index, succeeds ? FakeReply(code: 0) : .failure(.retry("cut")))
        #expect(delivery.outcome == .delivered())
        let arrived = (backends.items + (succeeds ? taken : [])).sorted()
        #expect(arrived == Units.names(body).sorted())
        backends.forgetAsked()
        host.advance(by: .seconds(10))
        #expect(sink.deliver(try host.batch(.traces, body)).outcome == .delivered())
        #expect(Set(backends.asked) == ["10.0.0.2:4317", "10.0.0.3:4317"])
        #expect(
            host.logs.contains { $0.message.contains("new: 10.0.0.3:4317 gone: 10.0.0.1:4317") })
        try sink.end()
    }

    @Test func slowLookupsDoNotPileUp() throws {
        let host = FakeHost()
        host.dns.hold("lb.local", .a)
        let sink = try host.start(
            plugin, .sink, "loadbalancing",
            settings: Self.settings.replacing(
                #""lb.local""#, with: #""lb.local", "interval": "1s", "timeout": "10s""#))
        host.advance(by: .seconds(5))
        #expect(host.dns.asked.count(where: { $0.type == .a }) == 1)
        host.advance(by: .seconds(6))
        #expect(host.dns.asked.count(where: { $0.type == .a }) == 2)
        try sink.end()
    }

    @Test(arguments: [
        ("a", "otlp", "a:4317", ""), ("a:1", "otlp", "a:1", ""), ("::1", "otlp", "[::1]:4317", ""),
        ("[::1]:7", "otlp", "[::1]:7", ""), ("a", "otlphttp", "https://a:4318", ""),
        ("a:1", "otlphttp", "http://a:1", #"{"insecure": true}"#),
    ])
    func endpoints(name: String, kind: String, expected: String, tls: String) throws {
        let host = FakeHost()
        let backends = ScriptedBackends(host)
        let sink = try host.start(
            plugin, .sink, "loadbalancing",
            settings: """
                {"protocol": {"\(kind)": {\(tls.isEmpty ? "" : "\"tls\": \(tls)")}},
                 "resolver": {"static": {"hostnames": ["\(name)"]}}}
                """)
        let body = try Units.spans(traces: 0..<9)
        #expect(sink.deliver(try host.batch(.traces, body)).outcome == .delivered())
        #expect(backends.asked == [expected])
        let sent = host.client.sent[0]
        #expect(sent.body == body, "one backend gets the batch as it is")
        #expect(sent.path == (kind == "otlp" ? Signal.traces.grpcPath : "/v1/traces"))
        #expect(sent.headers.count == (kind == "otlp" ? 0 : 1))
        try sink.end()
    }

    @Test(arguments: [
        (
            #"{"protocol": {}, "resolver": {"static": {"hostnames": ["a"]}}}"#,
            "neither `otlp` nor `otlphttp`"
        ),
        (#"{"protocol": {"otlp": {}}, "resolver": {}}"#, "neither `static` nor `dns`"),
        (
            #"{"protocol": {"otlp": {}}, "resolver": {"static": {"hostnames": ["a", "b:c"]}}}"#,
            "hostnames[1]: found b:c, expected HOST or HOST:PORT"
        ),
        (
            #"{"protocol": {"otlp": {}}, "resolver": {"static": {"hostnames": ["http://c:1"]}}}"#,
            "hostnames[0]: found http://c:1, expected HOST"
        ),
        (
            #"{"protocol": {"otlp": {}}, "resolver": {"static": {"hostnames": ["d:0"]}}}"#,
            "hostnames[0]: found d:0"
        ),
        (
            #"{"protocol": {"otlp": {"endpoint": "b:1"}}, "resolver": {"static": {"hostnames": ["a"]}}}"#,
            "protocol.otlp.endpoint: found b:1, expected none"
        ),
        (
            #"{"protocol": {"otlp": {}}, "resolver": {"static": {"hostnames": ["a"]}}, "routing_key": "attributes"}"#,
            "`routing_attributes` is empty"
        ),
        (
            #"{"protocol": {"otlp": {}}, "resolver": {"static": {"hostnames": ["a"]}}, "routing_attributes": ["b"]}"#,
            "routing_key is not attributes"
        ),
        (
            #"{"protocol": {"otlp": {}}, "resolver": {"dns": {"hostname": "a.b:4317"}}}"#,
            "resolver.dns.hostname: found a.b:4317, expected a name to look up: the port goes into"
        ),
        (
            #"{"protocol": {"otlp": {}}, "resolver": {"dns": {"hostname": "a", "interval": "0s"}}}"#,
            "resolver.dns.interval: found 0.0 seconds, expected more"
        ),
        (
            #"{"protocol": {"otlp": {}}, "resolver": {"dns": {"hostname": "a", "timeout": "0s"}}}"#,
            "resolver.dns.timeout: found 0.0 seconds, expected more"
        ),
        (
            #"{"protocol": {"otlp": {}}, "resolver": {"dns": {"hostname": "a", "port": "x"}}}"#,
            "resolver.dns.port: found 'x', expected a number"
        ),
        // All at once.
        (
            #"{"protocol": {}, "resolver": {"dns": {"hostname": "a:1", "port": "x"}}}"#,
            "resolver.dns.port: found 'x', expected a number from 1 to 65535: leave it out for the protocol's own\nprotocol: it has neither"
        ),
    ])
    func wrongSettingsAreSaid(settings: String, expected: String) throws {
        let host = FakeHost()
        #expect {
            try host.create(plugin, .sink, "loadbalancing", settings: settings)
        } throws: { "\($0)".contains(expected) }
    }

    @Test(arguments: [(#""a", "a""#, 1), (#""a", "b", "a:4317""#, 1), (#""a", "a:1""#, 0)])
    func aServerThatIsThereTwiceIsDoubted(names: String, warnings: Int) throws {
        let host = FakeHost()
        _ = try host.create(
            plugin, .sink, "loadbalancing",
            settings:
                #"{"protocol": {"otlp": {}}, "resolver": {"static": {"hostnames": [\#(names)]}}}"#)
        let found = host.logs.filter { $0.level == .warning }.map(\.message)
        #expect(found.count == warnings, "\(found)")
        #expect(found.allSatisfy { $0.contains("is hostnames[0] already") })
    }

    @Test func healthOfOneBackend() {
        var health = BackendHealth()
        let second: UInt64 = 1_000_000_000
        /// Whether it was up until then.
        func fail(at moment: UInt64, after: Duration? = nil) -> Bool {
            health.failed(at: moment, after: after, "down")
        }
        #expect(health.isUsable(at: 0))
        let first = fail(at: second)
        #expect(first)
        // Others that were under way fail, too: that counts once.
        for _ in 0..<5 { _ = fail(at: second) }
        #expect(health.wait(at: second) == .seconds(1))
        #expect(health.isUsable(at: 2 * second))
        health.began()
        #expect(!health.isUsable(at: 2 * second), "one tries it")
        let again = fail(at: 2 * second)
        #expect(!again)
        #expect(health.wait(at: 2 * second) == .seconds(2))
        health.began()
        _ = fail(at: 4 * second, after: .seconds(60))
        #expect(health.wait(at: 4 * second) == .seconds(60))
        health.began()
        let cameBack = health.succeeded()
        #expect(cameBack)
        #expect(health.isUsable(at: 4 * second))
        let wasBack = health.succeeded()
        #expect(!wasBack)
    }
}
