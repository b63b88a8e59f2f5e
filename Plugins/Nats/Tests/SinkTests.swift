import Foundation
import Testing
import WeirJSON
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import NatsPlugin

/// The sink against real servers.
@Suite(.serialized, .timeLimit(.minutes(3))) struct SinkTests {
    private func start(
        _ host: FakeHost, _ endpoint: String, _ more: String = ""
    ) throws -> TestInstance {
        try host.start(
            plugin, .sink, "nats", settings: #"{"endpoint": "\#(endpoint)"\#(more)}"#)
    }

    private func settled(_ delivery: TestDelivery) -> Outcome? {
        _ = eventually { delivery.outcome != nil }
        return delivery.outcome
    }

    private static let making = #", "stream": "WEIR", "create_stream": true"#

    @Test(arguments: Signal.allCases) func publishes(signal: Signal) throws {
        let server = try NatsServer()
        let host = FakeHost()
        let sink = try start(host, server.endpoint, Self.making)
        let bytes = OTLPBytes.one(signal)
        #expect(settled(sink.deliver(try host.batch(signal, bytes))) == .delivered())
        let client = try PlainClient(server)
        let stored = try client.stored(1)
        #expect(stored.subject == "weir.\(signal.name)" && stored.payload == bytes)
        #expect(stored.headers["Weir-Signal"] == signal.name)
        #expect(stored.headers["Content-Type"] == "application/x-protobuf")
        #expect(stored.headers["Nats-Msg-Id"]?.hasPrefix("\(signal.name)-") == true)
        let config = try client.ask("STREAM.INFO.WEIR").json["config"]
        #expect(config?["subjects"]?.arrayValue?.count == 3)
        #expect(config?["retention"]?.stringValue == "workqueue")
        try sink.end()
    }

    @Test func publishesJSON() throws {
        let server = try NatsServer()
        let client = try PlainClient(server)
        try client.makeStream()
        let host = FakeHost()
        let sink = try start(host, server.endpoint, #", "encoding": "otlp_json""#)
        #expect(settled(sink.deliver(try host.batch(.logs, try logs("a", "b")))) == .delivered())
        let stored = try client.stored(1)
        #expect(stored.headers["Content-Type"] == "application/json")
        #expect(String(decoding: stored.payload, as: UTF8.self).contains(#""b""#))
        try sink.end()
    }

    /// Many at once arrive, each once and in their order; the same content twice is two messages.
    @Test func manyInTheirOrder() throws {
        let server = try NatsServer()
        let host = FakeHost()
        let sink = try start(host, server.endpoint, Self.making)
        let bodies = try (0..<400).map { try logs("n\($0 / 2)") }
        let deliveries = try bodies.map { sink.deliver(try host.batch(.logs, $0)) }
        for delivery in deliveries { #expect(settled(delivery) == .delivered()) }
        let client = try PlainClient(server)
        #expect(client.count() == 400)
        for index in [0, 1, 2, 198, 399] {
            #expect(try client.stored(index + 1).payload == bodies[index])
        }
        #expect(host.streams.madeCount == 1)
        try sink.end()
    }

    /// A batch that is sent again, because nobody knew whether it had arrived, is stored once.
    @Test func sentAgainIsStoredOnce() throws {
        let server = try NatsServer()
        let bytes = try logs("once")
        for _ in 0..<2 {
            // As the next process would.
            let host = FakeHost()
            let sink = try start(host, server.endpoint, Self.making)
            #expect(settled(sink.deliver(try host.batch(.logs, bytes))) == .delivered())
            try sink.end()
        }
        #expect(try PlainClient(server).count() == 1)
        let host = FakeHost()
        let sink = try start(host, server.endpoint, Self.making + #", "deduplicate": false"#)
        #expect(settled(sink.deliver(try host.batch(.logs, bytes))) == .delivered())
        #expect(try PlainClient(server).count() == 2)
        try sink.end()
    }

    private func expectRetry(_ outcome: Outcome?, _ text: String) {
        guard case .retry(_, let message)? = outcome, message.contains(text) else {
            Issue.record("found \(outcome as Any), expected a retry that says \(text)")
            return
        }
    }

    private func expectRefused(_ outcome: Outcome?, _ texts: String...) {
        guard case .refused(let message)? = outcome, texts.allSatisfy({ message.contains($0) })
        else {
            Issue.record("found \(outcome as Any), expected a refusal that says \(texts)")
            return
        }
    }

    @Test func whatNoStreamTakesIsTriedAgain() throws {
        let server = try NatsServer()
        let host = FakeHost()
        let sink = try start(host, server.endpoint)
        let batch = try host.batch(.logs, try logs("a"))
        expectRetry(settled(sink.deliver(batch)), "no stream takes weir.logs")
        try PlainClient(server).makeStream()
        #expect(settled(sink.deliver(batch)) == .delivered())
        try sink.end()
    }

    @Test func anotherStreamIsRefused() throws {
        let server = try NatsServer()
        try PlainClient(server).makeStream("OTHER")
        let host = FakeHost()
        let sink = try start(host, server.endpoint, #", "stream": "WEIR""#)
        expectRefused(
            settled(sink.deliver(try host.batch(.logs, try logs("a")))), "expected stream")
        try sink.end()
    }

    /// A message above max_payload would cost the connection, and with it what else is under way.
    @Test func tooLargeIsRefusedWithBothSizes() throws {
        let server = try NatsServer(configuration: "max_payload: 4096\n")
        let host = FakeHost()
        let sink = try start(host, server.endpoint, Self.making)
        let large = try host.batch(.logs, try logs(String(repeating: "x", count: 5000)))
        let outcome = settled(sink.deliver(large))
        expectRefused(outcome, "4096 (max_payload)", "send_batch_max_size", "the message has 5")
        #expect(settled(sink.deliver(try host.batch(.logs, try logs("a")))) == .delivered())
        #expect(host.streams.madeCount == 1)
        try sink.end()
    }

    @Test func aStreamThatIsFullIsTriedAgain() throws {
        let server = try NatsServer()
        let host = FakeHost()
        let sink = try start(host, server.endpoint, Self.making + #", "max_bytes": "1kB""#)
        var last: Outcome?
        for index in 0..<20 {
            last = settled(sink.deliver(try host.batch(.logs, try logs("number \(index)"))))
            if last != .delivered() { break }
        }
        expectRetry(last, "maximum bytes exceeded")
        let client = try PlainClient(server)
        let count = client.count()
        #expect(count > 0 && count < 20)
        _ = try client.ask("STREAM.PURGE.WEIR")
        #expect(settled(sink.deliver(try host.batch(.logs, try logs("z")))) == .delivered())
        try sink.end()
    }

    /// It answers 400, as to what is wrong with a message.
    @Test func anAccountThatIsFullIsTriedAgain() throws {
        let server = try NatsServer(
            configuration: """
                accounts {A {
                  jetstream {max_file: 2000, max_mem: 2000}
                  users: [{user: a, password: b}]
                }}
                """)
        let host = FakeHost()
        let sink = try start(
            host, server.endpoint, Self.making + #", "username": "a", "password": "b""#)
        var last: Outcome?
        for index in 0..<20 {
            last = settled(sink.deliver(try host.batch(.logs, try logs("number \(index)"))))
            if last != .delivered() { break }
        }
        expectRetry(last, "resource limits exceeded for account")
        let client = try PlainClient(server, "a:b@")
        #expect(client.count() > 0 && client.count() < 20)
        _ = try client.ask("STREAM.PURGE.WEIR")
        #expect(settled(sink.deliver(try host.batch(.logs, try logs("z")))) == .delivered())
        try sink.end()
    }

    @Test func withoutJetStream() throws {
        let server = try NatsServer(
            configuration: "accounts: {A: {users: [{user: a, password: b}]}}\n")
        let host = FakeHost()
        let sink = try start(
            host, server.endpoint, Self.making + #", "username": "a", "password": "b""#)
        expectRetry(settled(sink.deliver(try host.batch(.logs, try logs("a")))), "JetStream")
        try sink.end()
    }

    /// What is sent while the server is away is told to come again, and then it arrives.
    @Test func theServerGoesAndComesBack() throws {
        let server = try NatsServer()
        let host = FakeHost()
        let sink = try start(host, server.endpoint, Self.making)
        let batches = try (0..<30).map { try host.batch(.logs, try logs("n\($0)")) }
        for batch in batches[..<10] { #expect(settled(sink.deliver(batch)) == .delivered()) }
        server.stop()
        var missing: [Int] = []
        for index in 10..<20 {
            if settled(sink.deliver(batches[index])) != .delivered() { missing.append(index) }
        }
        #expect(missing.count == 10)
        try server.start()
        let isBack = eventually {
            missing.removeAll { settled(sink.deliver(batches[$0])) == .delivered() }
            return missing.isEmpty
        }
        #expect(isBack)
        for batch in batches[20...] { #expect(settled(sink.deliver(batch)) == .delivered()) }
        #expect(try PlainClient(server).count() == 30)
        let lines = host.logs.filter { $0.level == .warning || $0.level == .info }
        #expect(lines.contains { $0.message.contains("again") && $0.level == .info })
        try sink.end()
    }

    @Test func theNextServerIsTaken() throws {
        let server = try NatsServer()
        let dead = LoopbackSocket.freePort()
        let host = FakeHost()
        let sink = try start(host, "nats://127.0.0.1:\(dead), \(server.endpoint)", Self.making)
        #expect(settled(sink.deliver(try host.batch(.logs, try logs("a")))) == .delivered())
        try sink.end()
    }

    /// Each: the server's configuration, our settings, and what is said where it does not do.
    static let logins: [(String, String, String?)] = [
        ("authorization {user: a, password: \"p w\"}", #""username": "a", "password": "p w""#, nil),
        (
            "authorization {user: a, password: b}", #""username": "a", "password": "s3cret""#,
            "username"
        ),
        ("authorization {user: a, password: b}", #""deduplicate": true"#, "username"),
        ("authorization {token: t}", #""token": "t""#, nil),
        ("authorization {token: t}", #""token": "s3cret""#, "token"),
        (
            "authorization {users: [{user: a, password: b, permissions: {publish: [\"$JS.API.>\"]}}]}",
            #""username": "a", "password": "b""#, "give the user this right"
        ),
    ]

    @Test(arguments: logins)
    func logsIn(configuration: String, settings: String, says: String?) throws {
        let server = try NatsServer(configuration: configuration + "\n")
        let host = FakeHost()
        let sink = try start(host, server.endpoint, Self.making + ", " + settings)
        let outcome = settled(sink.deliver(try host.batch(.logs, try logs("a"))))
        if let says { expectRetry(outcome, says) } else { #expect(outcome == .delivered()) }
        #expect(!"\(outcome as Any)".contains("s3cret"))
        #expect(!host.logs.contains { $0.message.contains("s3cret") })
        try sink.end()
    }

    @Test func aPasswordMayChangeInItsFile() throws {
        let server = try NatsServer(configuration: "authorization {user: a, password: b}\n")
        let folder = try TemporaryFolder()
        let file = try folder.write("old\n", to: "password")
        let host = FakeHost()
        let sink = try start(
            host, server.endpoint,
            Self.making + #", "username": "a", "password_file": "\#(file)""#)
        let batch = try host.batch(.logs, try logs("a"))
        expectRetry(settled(sink.deliver(batch)), "username")
        try folder.write("b\n", to: "password")
        #expect(eventually { settled(sink.deliver(batch)) == .delivered() })
        try sink.end()
    }

    @Test(arguments: [
        #"{"create_stream": true}"#, #"{"stream": "a.b"}"#, #"{"subject": "a b"}"#,
        #"{"subject": "weir.*"}"#, #"{"endpoint": "http://a"}"#, #"{"password": "x"}"#,
        #"{"username": "x"}"#, #"{"token": "x", "token_file": "/x"}"#,
    ])
    func refusesSettings(_ settings: String) throws {
        #expect(throws: ComponentError.self) {
            _ = try FakeHost().create(plugin, .sink, "nats", settings: settings)
        }
    }

    @Test func stopEndsWhatIsUnderWay() throws {
        // It takes connections and never says anything.
        let silent = LoopbackSocket()
        let host = FakeHost()
        let sink = try start(
            host, "nats://127.0.0.1:\(silent.port)", #", "connection_timeout": "1s""#)
        let delivery = sink.deliver(try host.batch(.logs, try logs("a")))
        #expect(eventually { host.streams.openCount == 1 })
        // Pending, also while it connects.
        #expect(delivery.outcome == nil)
        try sink.stop()
        guard case .retry? = delivery.outcome else {
            Issue.record("found \(delivery.outcome as Any), expected a retry")
            return
        }
        try sink.end()
    }
}

enum OTLPBytes {
    /// A request with one item.
    static func one(_ signal: Signal) -> [UInt8] {
        let text =
            switch signal {
            case .traces:
                #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"a"}]}]}]}"#
            case .metrics:
                #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"a","gauge":{"dataPoints":[{"asInt":"1"}]}}]}]}]}"#
            case .logs: #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{}}]}]}]}"#
            }
        return (try? protobuf(fromJSON: Array(text.utf8), as: signal)) ?? []
    }
}
