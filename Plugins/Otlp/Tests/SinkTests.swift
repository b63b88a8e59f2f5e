import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import OtlpPlugin

/// One answer of a server and what becomes of the batch.
struct ReplyRow: Sendable, CustomStringConvertible {
    enum Expected: Sendable { case delivered(rejected: Int), retry(after: Duration?), refused }
    var description: String
    var type: String
    var reply: FakeReply
    var expected: Expected
    var mentions: [String] = []

    static func grpc(
        _ code: GRPCStatus, _ expected: Expected, retryAfter: Duration? = nil, body: [UInt8] = [],
        mentions: [String] = []
    ) -> ReplyRow {
        ReplyRow(
            description: "\(code.name), RetryInfo \(retryAfter.map { "\($0)" } ?? "none")",
            type: "otlp",
            reply: FakeReply(
                code: code.rawValue, body: body, message: code == .ok ? "" : "server text",
                retryAfter: retryAfter),
            expected: expected,
            mentions: code == .ok ? mentions : mentions + [code.name, "server text", "backend:1"])
    }

    static func http(
        _ code: UInt32, _ expected: Expected, retryAfter: Duration? = nil, body: [UInt8] = [],
        type: String = "", mentions: [String] = []
    ) -> ReplyRow {
        ReplyRow(
            description: "\(code) \(type) \(retryAfter.map { "\($0)" } ?? "")", type: "otlphttp",
            reply: FakeReply(
                code: code, body: body, contentType: type, retryAfter: retryAfter),
            expected: expected, mentions: mentions)
    }

    static func lost(_ error: ComponentError, _ expected: Expected, _ mentions: [String]) -> [Self]
    {
        ["otlp", "otlphttp"].map {
            ReplyRow(
                description: "\($0): \(error)", type: $0, reply: .failure(error),
                expected: expected, mentions: mentions + ["backend:1"])
        }
    }

    private static let partial = PartialSuccess(rejected: 2, message: "too old")
    private static let warning = PartialSuccess(message: "soon no more")

    static let all: [ReplyRow] =
        [
            .grpc(.ok, .delivered(rejected: 0)),
            .grpc(
                .ok, .delivered(rejected: 2), body: partial.encoded(.proto, .traces),
                mentions: ["rejected 2 spans", "too old"]),
            .grpc(
                .ok, .delivered(rejected: 0), body: warning.encoded(.proto, .traces),
                mentions: ["soon no more"]),
            .grpc(.ok, .delivered(rejected: 0), body: [0xff, 0xff]),
            .grpc(.cancelled, .retry(after: nil)),
            .grpc(.unknown, .refused),
            .grpc(.invalidArgument, .refused),
            .grpc(.deadlineExceeded, .retry(after: nil)),
            .grpc(.notFound, .refused),
            .grpc(.alreadyExists, .refused),
            .grpc(.permissionDenied, .refused, mentions: ["`headers`"]),
            .grpc(.resourceExhausted, .refused),
            .grpc(.resourceExhausted, .retry(after: .seconds(3)), retryAfter: .seconds(3)),
            .grpc(.failedPrecondition, .refused),
            .grpc(.aborted, .retry(after: nil)),
            .grpc(.outOfRange, .retry(after: nil)),
            .grpc(.unimplemented, .refused, mentions: ["OTLP/gRPC service"]),
            .grpc(.internal, .refused),
            .grpc(.unavailable, .retry(after: nil)),
            .grpc(.unavailable, .retry(after: .seconds(9)), retryAfter: .seconds(9)),
            .grpc(.dataLoss, .retry(after: nil)),
            .grpc(.unauthenticated, .refused),
            // A delay does not make a permanent error one that may pass.
            .grpc(.invalidArgument, .refused, retryAfter: .seconds(9)),
            .http(200, .delivered(rejected: 0)),
            .http(202, .delivered(rejected: 0)),
            .http(
                200, .delivered(rejected: 2), body: partial.encoded(.proto, .traces),
                type: "application/x-protobuf", mentions: ["too old"]),
            .http(
                200, .delivered(rejected: 2), body: partial.encoded(.json, .traces),
                type: "application/json", mentions: ["too old"]),
            .http(
                200, .delivered(rejected: 0), body: "<html>".bytes, type: "text/html"),
            .http(301, .refused),
            .http(
                400, .refused,
                body: StatusMessage(code: 3, message: "bad data").encoded(.proto),
                type: "application/x-protobuf", mentions: ["400", "bad data"]),
            .http(
                400, .refused, body: StatusMessage(code: 3, message: "bad data").encoded(.json),
                type: "application/json", mentions: ["bad data"]),
            .http(401, .refused, body: "who?".bytes, type: "text/plain", mentions: ["who?"]),
            .http(403, .refused, mentions: ["`headers`"]),
            .http(404, .refused, mentions: ["check that the URL"]),
            .http(408, .refused),
            .http(413, .refused, mentions: ["smaller"]),
            .http(429, .retry(after: .seconds(4)), retryAfter: .seconds(4), mentions: ["429"]),
            .http(429, .retry(after: nil)),
            .http(500, .refused),
            .http(501, .refused),
            .http(502, .retry(after: nil)),
            .http(503, .retry(after: .seconds(5)), retryAfter: .seconds(5)),
            .http(504, .retry(after: nil)),
        ]
        + lost(
            .retry("connection refused"), .retry(after: nil),
            ["connection refused", "check `endpoint`"])
        + lost(
            .retry("the credentials in /run/token cannot be read: No such file or directory"),
            .retry(after: nil), ["cannot send to", "/run/token cannot be read: No such file"])
        + lost(.timeout("5 s"), .retry(after: nil), ["no answer", "timeout"])
        + lost(.cancelled("closed"), .retry(after: nil), ["cancelled"])
        + lost(.refused("too large"), .refused, ["too large"])
}

struct SinkTests {
    static func settings(_ type: String) -> String {
        type == "otlp" ? #"{"endpoint": "backend:1"}"# : #"{"endpoint": "http://backend:1/x"}"#
    }

    @Test(arguments: ReplyRow.all)
    func readsReplies(row: ReplyRow) throws {
        let host = FakeHost()
        let sink = try host.start(plugin, .sink, row.type, settings: Self.settings(row.type))
        host.client.answer { _ in row.reply }
        let batch = try host.batch(.traces, Payload.proto(.traces, items: 5))
        let outcome = try #require(sink.deliver(batch).outcome)
        let text: String
        switch (outcome, row.expected) {
        case (.delivered(let found, let message), .delivered(let rejected)):
            #expect(found == rejected)
            text = message
        case (.retry(let found, let message), .retry(let after)):
            #expect(found == after)
            text = message
        case (.refused(let message), .refused): text = message
        default:
            Issue.record("found \(outcome), expected \(row.expected)")
            return
        }
        for part in row.mentions { #expect(text.contains(part)) }
        try sink.end()
    }

    @Test(arguments: Signal.allCases)
    func sendsTheBytesOfTheBatchOverGRPC(signal: Signal) throws {
        let host = FakeHost()
        let sink = try host.start(plugin, .sink, "otlp", settings: Self.settings("otlp"))
        host.client.answer { _ in FakeReply(code: 0) }
        let parts = [Payload.proto(signal, items: 2), Payload.proto(signal, items: 3)]
        let deadline = Deadline(monotonicNanoseconds: 77)
        let delivery = sink.deliver(try host.batch(signal, parts: parts), deadline: deadline)
        #expect(delivery.outcome == .delivered())
        let sent = try #require(host.client.sent.first)
        #expect(sent.protocols == .grpc)
        #expect(sent.path == signal.grpcPath)
        #expect(sent.body == Array(parts.joined()))
        #expect(sent.deadline == deadline)
        try sink.end()
    }

    @Test(arguments: Signal.allCases)
    func postsProtobuf(signal: Signal) throws {
        let host = FakeHost()
        let sink = try host.start(plugin, .sink, "otlphttp", settings: Self.settings("otlphttp"))
        host.client.answer { _ in FakeReply(code: 200) }
        let body = Payload.proto(signal, items: 2)
        #expect(sink.deliver(try host.batch(signal, body)).outcome == .delivered())
        let sent = try #require(host.client.sent.first)
        #expect(sent.protocols == .http)
        #expect(sent.method == "POST")
        #expect(sent.path == signal.httpPath)
        #expect(sent.headers == [Header("content-type", "application/x-protobuf")])
        #expect(sent.body == body)
        try sink.end()
    }

    @Test(arguments: Signal.allCases)
    func postsJSON(signal: Signal) throws {
        let host = FakeHost()
        let sink = try host.start(
            plugin, .sink, "otlphttp",
            settings: #"{"endpoint": "http://backend:1", "encoding": "json"}"#)
        host.client.answer { _ in FakeReply(code: 200, body: "{}".bytes) }
        let parts = [Payload.proto(signal, items: 2), Payload.proto(signal, items: 1)]
        #expect(sink.deliver(try host.batch(signal, parts: parts)).outcome == .delivered())
        let sent = try #require(host.client.sent.first)
        #expect(sent.headers == [Header("content-type", "application/json")])
        let back = try protobuf(fromJSON: sent.body, as: signal)
        #expect(try scan(back, as: signal).items == 3)
        try sink.end()
    }

    @Test func aSignalMayHaveAnEndpointOfItsOwn() throws {
        let host = FakeHost()
        let sink = try host.start(
            plugin, .sink, "otlphttp",
            settings: #"{"traces_endpoint": "https://t/in", "logs_endpoint": "https://l/in"}"#)
        host.client.answer { _ in FakeReply(code: 200) }
        for signal in [Signal.traces, .logs] {
            let batch = try host.batch(signal, Payload.proto(signal, items: 1))
            #expect(sink.deliver(batch).outcome == .delivered())
        }
        #expect(host.client.sent.map(\.path) == ["", ""])
        #expect(host.client.sent[0].settings.contains("https://t/in"))
        #expect(host.client.sent[1].settings.contains("https://l/in"))
        let metrics = try host.batch(.metrics, Payload.proto(.metrics, items: 1))
        guard case .refused(let text)? = sink.deliver(metrics).outcome else {
            Issue.record("metrics have no endpoint")
            return
        }
        #expect(text.contains("metrics_endpoint"))
        try sink.end()
    }

    @Test(arguments: ["otlp", "otlphttp"])
    func needsAnEndpoint(type: String) throws {
        let host = FakeHost()
        #expect {
            try host.createRaw(plugin, .sink, type, "{}")
        } throws: { "\($0)".contains("endpoint") }
    }

    @Test func aSecretInTheURLIsNotRepeated() throws {
        let host = FakeHost()
        let sink = try host.start(
            plugin, .sink, "otlphttp", settings: #"{"endpoint": "http://me:pw@backend:1"}"#)
        host.client.answer { _ in .failure(.retry("connection refused")) }
        let batch = try host.batch(.logs, Payload.proto(.logs, items: 1))
        guard case .retry(_, let text)? = sink.deliver(batch).outcome else {
            Issue.record("expected a retry")
            return
        }
        #expect(text.contains("http://backend:1/v1/logs"))
        #expect(!text.contains("pw"))
        #expect(!host.logs.contains { $0.message.contains("pw") })
        try sink.end()
    }

    @Test func theLogSaysOnceThatTheOtherSideIsGoneAndOnceThatItIsBack() throws {
        let host = FakeHost()
        let sink = try host.start(plugin, .sink, "otlp", settings: Self.settings("otlp"))
        let batch = try host.batch(.logs, Payload.proto(.logs, items: 1))
        host.client.answer { _ in .failure(.retry("connection refused")) }
        for _ in 0..<3 { _ = sink.deliver(batch) }
        host.client.answer { _ in FakeReply(code: 0) }
        for _ in 0..<3 { _ = sink.deliver(batch) }
        let lines = host.logs.filter { $0.level == .warning || $0.level == .info }
        #expect(lines.map(\.level) == [.warning, .info])
        #expect(lines[0].message.contains("connection refused: check `endpoint` (backend:1)"))
        #expect(lines[1].message.contains("again"))
        try sink.end()
    }

    /// Of many connections some fail while others succeed: two lines in ten seconds are enough.
    @Test func aServerThatComesAndGoesDoesNotFillTheLog() throws {
        let host = FakeHost()
        let sink = try host.start(plugin, .sink, "otlp", settings: Self.settings("otlp"))
        let batch = try host.batch(.logs, Payload.proto(.logs, items: 1))
        for _ in 0..<50 {
            host.client.answer { _ in .failure(.retry("connection refused")) }
            _ = sink.deliver(batch)
            host.client.answer { _ in FakeReply(code: 0) }
            _ = sink.deliver(batch)
        }
        #expect(host.logs.count == 2, "\(host.logs.map(\.message))")
        try sink.end()
    }

    @Test func stoppingEndsWhatIsUnderWay() throws {
        let host = FakeHost()
        let sink = try host.start(plugin, .sink, "otlp", settings: Self.settings("otlp"))
        let delivery = sink.deliver(try host.batch(.logs, Payload.proto(.logs, items: 1)))
        #expect(delivery.outcome == nil)
        try sink.stop()
        guard case .retry? = delivery.outcome else {
            Issue.record("found \(String(describing: delivery.outcome)), expected a retry")
            return
        }
        #expect(!host.logs.contains { $0.level == .warning })
        try sink.end()
    }

    @Test func manyDeliveriesAtOnce() async throws {
        let host = FakeHost()
        let sink = try host.start(plugin, .sink, "otlphttp", settings: Self.settings("otlphttp"))
        host.client.answer { _ in FakeReply(code: 200) }
        let batch = try host.batch(.traces, Payload.proto(.traces, items: 3))
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<50 { #expect(sink.deliver(batch).outcome == .delivered()) }
                }
            }
        }
        #expect(host.client.sent.count == 400)
        try sink.end()
    }
}
