import Foundation
import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import NatsPlugin

/// The receiver against real servers.
@Suite(.serialized, .timeLimit(.minutes(3))) struct ReceiverTests {
    private func start(
        _ host: FakeHost, _ server: NatsServer, _ more: String = ""
    ) throws -> TestInstance {
        try host.start(
            plugin, .receiver, "nats",
            settings: #"{"endpoint": "\#(server.endpoint)", "stream": "WEIR"\#(more)}"#)
    }

    private func filled(
        _ count: Int, _ server: NatsServer, from first: Int = 0
    ) throws -> PlainClient {
        let client = try PlainClient(server)
        if first == 0 { try client.makeStream() }
        for index in first..<first + count {
            try client.publish("weir.logs", try logs("n\(index)"))
        }
        return client
    }

    private func texts(_ host: FakeHost) -> [String] {
        host.emitted.map { batch in
            let bytes = batch.bytes
            let text = (try? unsafe json(bytes.span.bytes, as: .logs)) ?? []
            let words = String(decoding: text, as: UTF8.self).split(separator: "\"")
            return words.first { $0.hasPrefix("n") && Int($0.dropFirst()) != nil }
                .map(String.init) ?? "?"
        }
    }

    private func isAllAcknowledged(_ client: PlainClient) -> Bool {
        eventually {
            client.consumer("num_ack_pending") == 0 && client.consumer("num_pending") == 0
        }
    }

    @Test func takesWhatThereIsInItsOrder() throws {
        let server = try NatsServer()
        let client = try filled(100, server)
        let host = FakeHost()
        let receiver = try start(host, server)
        #expect(eventually { host.emitted.count == 100 })
        #expect(texts(host) == (0..<100).map { "n\($0)" })
        #expect(isAllAcknowledged(client))
        // And what comes later, at once.
        try client.publish("weir.logs", try logs("n100"))
        #expect(eventually { host.emitted.count == 101 })
        #expect(client.consumer("num_redelivered") == 0)
        try receiver.end()
    }

    /// Each: subject, headers, payload, and the signal that comes out or what is said.
    static let messages: [(String, [Header], [UInt8], Signal?, String)] = [
        ("weir.traces", [], OTLPBytes.one(.traces), .traces, ""),
        ("weir.metrics", [], OTLPBytes.one(.metrics), .metrics, ""),
        ("weir.x", [Header("Weir-Signal", "logs")], OTLPBytes.one(.logs), .logs, ""),
        (
            "weir.logs", [Header("Content-Type", "application/json; charset=utf-8")],
            Array(#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{}}]}]}]}"#.utf8), .logs,
            ""
        ),
        ("weir.x", [], OTLPBytes.one(.logs), nil, "Weir-Signal"),
        ("weir.logs", [Header("Weir-Signal", "profiles")], [], nil, "Weir-Signal"),
        ("weir.logs", [], [0xff, 0xff], nil, "not a valid opentelemetry"),
        ("weir.logs", [Header("Content-Type", "application/json")], [0x7b], nil, "not a valid"),
    ]

    @Test(arguments: messages) func kindsOfMessages(
        subject: String, headers: [Header], payload: [UInt8], signal: Signal?, says: String
    ) throws {
        let server = try NatsServer()
        let client = try PlainClient(server)
        try client.makeStream()
        try client.publish(subject, payload, headers)
        try client.publish("weir.logs", try logs("n1"))
        let host = FakeHost()
        let receiver = try start(host, server)
        let count = signal == nil ? 1 : 2
        #expect(eventually { host.emitted.count == count })
        if let signal { #expect(host.emitted.first?.signal == signal) }
        if signal == nil {
            #expect(host.logs.contains { $0.level == .warning && $0.message.contains(says) })
        }
        // What cannot be taken does not come again, and nothing waits behind it.
        #expect(isAllAcknowledged(client))
        try receiver.end()
    }

    /// With `ack: delivered`: what the host says of a batch is what JetStream is told of the message.
    @Test func waitsForWhatBecomesOfIt() throws {
        let server = try NatsServer()
        let client = try filled(4, server)
        let host = FakeHost(acknowledges: true)
        let receiver = try start(host, server)
        try #require(eventually { host.watchedCount == 4 })
        #expect(client.consumer("num_ack_pending") == 4)
        host.acknowledge(nil)
        #expect(eventually { client.consumer("num_ack_pending") == 3 })
        host.acknowledge(.refused("bad"))
        #expect(eventually { client.consumer("num_ack_pending") == 2 })
        #expect(host.logs.contains { $0.message.contains("given up: bad") })
        host.acknowledge(.retry(after: .milliseconds(50), "not now"))
        host.acknowledge(.cancelled("the process ends"))
        // Both come again, and only they.
        try #require(eventually { host.watchedCount == 2 })
        #expect(Set(texts(host)[4...]) == ["n2", "n3"])
        host.acknowledge(nil)
        host.acknowledge(nil)
        #expect(isAllAcknowledged(client))
        try receiver.end()
    }

    /// While there is no room nothing more is asked for, nothing is lost and nothing comes twice.
    @Test func asksForNoMoreThanItCanHandOn() throws {
        let server = try NatsServer()
        let client = try filled(50, server)
        let host = FakeHost()
        host.answerEmit { _ in .retry("the queue is full") }
        let receiver = try start(host, server, #", "fetch": 5, "ack_wait": "600ms""#)
        #expect(eventually { client.consumer("num_ack_pending") == 1 })
        // Longer than ack_wait, with the host's clock going on.
        for _ in 0..<20 {
            usleep(100_000)
            host.advance(by: .milliseconds(100))
        }
        #expect(client.consumer("num_ack_pending") == 1 && client.consumer("num_redelivered") == 0)
        host.answerEmit(nil)
        #expect(eventually { host.emitted.count == 50 })
        #expect(texts(host) == (0..<50).map { "n\($0)" })
        #expect(isAllAcknowledged(client))
        try receiver.end()
    }

    @Test func maxAckPendingBoundsWhatIsOut() throws {
        let server = try NatsServer()
        let client = try filled(30, server)
        let host = FakeHost(acknowledges: true)
        let receiver = try start(host, server, #", "max_ack_pending": 7"#)
        try #require(eventually { host.watchedCount == 7 })
        for left in stride(from: 30, to: 0, by: -1) {
            try #require(eventually { host.watchedCount == min(7, left) })
            host.acknowledge(nil)
        }
        #expect(host.emitted.count == 30)
        #expect(isAllAcknowledged(client))
        try receiver.end()
    }

    /// A message whose batch takes longer than ack_wait is not delivered to anyone else.
    @Test func whatTakesLongIsKeptAlive() throws {
        let server = try NatsServer()
        let client = try filled(1, server)
        let host = FakeHost(acknowledges: true)
        let receiver = try start(host, server, #", "ack_wait": "600ms""#)
        try #require(eventually { host.watchedCount == 1 })
        for _ in 0..<25 {
            usleep(100_000)
            host.advance(by: .milliseconds(100))
        }
        #expect(client.consumer("num_redelivered") == 0 && host.emitted.count == 1)
        host.acknowledge(nil)
        #expect(isAllAcknowledged(client))
        try receiver.end()
    }

    @Test func whatIsRefusedAtOnceIsCountedAndGone() throws {
        let server = try NatsServer()
        let client = try filled(3, server)
        let host = FakeHost()
        host.answerEmit { $0.bytes.contains(UInt8(ascii: "1")) ? .refused("never") : nil }
        let receiver = try start(host, server)
        #expect(eventually { host.emitted.count == 2 })
        #expect(texts(host) == ["n0", "n2"])
        #expect(host.dropped == [DroppedItems(items: 1, signal: .logs, reason: "refused")])
        #expect(isAllAcknowledged(client))
        try receiver.end()
    }

    /// The server is killed and comes back with its data: everything arrives.
    @Test func theServerGoesAndComesBack() throws {
        let server = try NatsServer()
        _ = try filled(20, server)
        let host = FakeHost()
        let receiver = try start(host, server, #", "ack_wait": "1s""#)
        #expect(eventually { host.emitted.count == 20 })
        server.stop()
        try server.start()
        let client = try filled(20, server, from: 20)
        #expect(eventually { Set(texts(host)) == Set((0..<40).map { "n\($0)" }) })
        #expect(isAllAcknowledged(client))
        try receiver.end()
    }

    /// What becomes of a message while the server is away is told when it is back.
    @Test func verdictsOutliveAConnection() throws {
        let server = try NatsServer()
        _ = try filled(5, server)
        let host = FakeHost(acknowledges: true)
        let receiver = try start(host, server)
        try #require(eventually { host.watchedCount == 5 })
        server.stop(SIGTERM)
        for _ in 0..<4 { host.acknowledge(nil) }
        // Rounds of reminders, which nobody hears.
        host.advance(by: .seconds(100))
        try server.start()
        let client = try PlainClient(server)
        #expect(eventually { client.consumer("num_ack_pending") == 1 })
        host.acknowledge(nil)
        #expect(isAllAcknowledged(client))
        #expect(host.emitted.count == 5)
        try receiver.end()
    }

    /// A receiver ends with messages that are not acknowledged: the next one gets them.
    @Test func whatWasNotAcknowledgedComesAgain() throws {
        let server = try NatsServer()
        let client = try filled(10, server)
        let first = FakeHost(acknowledges: true)
        let receiver = try start(first, server, #", "ack_wait": "1s""#)
        try #require(eventually { first.watchedCount == 10 })
        for _ in 0..<4 { first.acknowledge(nil) }
        #expect(eventually { client.consumer("num_ack_pending") == 6 })
        try receiver.stop(
            deadline: Deadline(monotonicNanoseconds: first.monotonic + 500_000_000))
        receiver.destroy()
        try first.checkClean()
        let second = FakeHost()
        let next = try start(second, server, #", "ack_wait": "1s""#)
        // On a busy machine an answer may take longer than ack_wait: then one comes twice.
        let others = Set((4..<10).map { "n\($0)" })
        #expect(eventually { Set(texts(second)) == others })
        #expect(isAllAcknowledged(client))
        try next.end()
    }

    /// What is settled while it ends is told: it would come again, and be there twice.
    @Test func waitsAtTheEndForWhatBecomesOfIt() throws {
        let server = try NatsServer()
        let client = try filled(3, server)
        let host = FakeHost(acknowledges: true)
        let receiver = try start(host, server)
        try #require(eventually { host.watchedCount == 3 })
        let sinks = Thread {
            // Longer than a request for messages stands.
            for _ in 0..<3 {
                usleep(600_000)
                if host.watchedCount > 0 { host.acknowledge(nil) }
            }
        }
        sinks.start()
        try receiver.end()
        #expect(host.watchedCount == 0)
        #expect(isAllAcknowledged(client))
        #expect(client.consumer("num_redelivered") == 0)
    }

    /// Anybody may publish anything: what has broken headers is given up, and nothing waits for it.
    @Test(arguments: ["X", "NATS/1.0 x\r\n\r\n", "NATS/1.0\r\nabcd\r\n\r\n"])
    func brokenHeadersAreGivenUp(_ headers: String) throws {
        let server = try NatsServer()
        let client = try PlainClient(server)
        try client.makeStream()
        try client.publish("weir.logs", try logs("n0"), rawHeaders: Array(headers.utf8))
        try client.publish("weir.logs", try logs("n1"))
        let host = FakeHost()
        let receiver = try start(host, server)
        #expect(eventually { host.emitted.count == 1 })
        #expect(texts(host) == ["n1"])
        #expect(isAllAcknowledged(client))
        #expect(host.logs.contains { $0.level == .warning && $0.message.contains("is given up") })
        #expect(!host.logs.contains { $0.message.contains("no connection") })
        try receiver.end()
    }

    @Test func twoShareAConsumer() throws {
        let server = try NatsServer()
        let client = try filled(200, server)
        let hosts = [FakeHost(), FakeHost()]
        let receivers = try hosts.map { try start($0, server) }
        #expect(eventually { hosts[0].emitted.count + hosts[1].emitted.count == 200 })
        #expect(Set(hosts.flatMap { texts($0) }).count == 200)
        #expect(isAllAcknowledged(client))
        for receiver in receivers { try receiver.end() }
    }

    /// The stream comes later than the receiver.
    @Test func waitsForItsStream() throws {
        let server = try NatsServer()
        let host = FakeHost()
        let receiver = try start(host, server, #", "subjects": ["weir.logs"]"#)
        #expect(eventually { host.logs.contains { $0.message.contains("stream not found") } })
        let client = try filled(1, server)
        try client.publish("weir.other", [1])
        #expect(eventually { host.emitted.count == 1 })
        #expect(isAllAcknowledged(client))
        try receiver.end()
    }

    @Test func severalSubjectsNeedANewServer() throws {
        let server = try NatsServer()
        _ = try filled(1, server)
        let host = FakeHost()
        let receiver = try start(host, server, #", "subjects": ["weir.logs", "weir.traces"]"#)
        #expect(
            eventually {
                !host.emitted.isEmpty || host.logs.contains { $0.message.contains("2.10") }
            })
        try receiver.end()
    }

    @Test(arguments: [
        "{}", #"{"stream": ""}"#, #"{"stream": "a.b"}"#, #"{"stream": "a", "consumer": "a b"}"#,
        #"{"stream": "a", "subjects": [" "]}"#, #"{"stream": "a", "endpoint": "x://a"}"#,
    ])
    func refusesSettings(_ settings: String) throws {
        #expect(throws: (any Error).self) {
            _ = try FakeHost().create(plugin, .receiver, "nats", settings: settings)
        }
    }
}
