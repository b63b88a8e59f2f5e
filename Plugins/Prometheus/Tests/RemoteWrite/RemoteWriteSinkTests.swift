import Testing
import WeirPrometheus
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import PrometheusPlugin

@Suite struct RemoteWriteSinkTests {
    private func start(_ settings: String = sinkSettings()) throws -> (FakeHost, TestInstance) {
        let host = FakeHost()
        let sink = try host.start(plugin, .sink, "prometheusremotewrite", settings: settings)
        return (host, sink)
    }

    private func requests(_ host: FakeHost) throws -> [SeenRequest] {
        try host.client.sent.map { try SeenRequest($0) }
    }

    @Test func sendsWhatTheProtocolAsksFor() throws {
        let (host, sink) = try start()
        host.client.answer { _ in .taken }
        let batch = try host.batch(.metrics, gauges([("a", 1, 1000), ("b", 2, 1000)]))
        #expect(sink.deliver(batch).outcome == .delivered())
        let sent = try #require(host.client.sent.first)
        #expect(sent.method == "POST" && sent.path == "")
        #expect(sent.settings.contains(#""compression":"snappy""#))
        let headers = Dictionary(uniqueKeysWithValues: sent.headers.map { ($0.name, $0.value) })
        #expect(headers["content-type"] == "application/x-protobuf")
        #expect(headers["x-prometheus-remote-write-version"] == "0.1.0")
        #expect(headers["user-agent"]?.hasPrefix("Weir/") == true)
        let request = try SeenRequest(sent)
        #expect(request.samples == [seen("a", 1, 1000), seen("b", 2, 1000)])
        #expect(request.metadata == ["gauge a What a is.", "gauge b What b is."])
        try sink.end()
    }

    @Test func sends2() throws {
        let (host, sink) = try start(sinkSettings(v2))
        host.client.answer { _ in .written(1) }
        for time in [1000, 2000] as [Int64] {
            let batch = try host.batch(.metrics, gauges([("a", 1, time)]))
            #expect(sink.deliver(batch).outcome == .delivered())
        }
        let sent = host.client.sent
        #expect(sent[1].headers.contains(Header("x-prometheus-remote-write-version", "2.0.0")))
        for request in try requests(host) {
            #expect(request.message == .v2)
            #expect(request.metadata == ["gauge What a is."])
        }
        #expect(try requests(host).flatMap(\.samples).map(\.timestamp) == [1000, 2000])
        try sink.end()
    }

    struct Answer: Sendable, CustomStringConvertible {
        enum Ending: Sendable { case delivered, rejected(Int), refused, again(Duration) }
        var description: String
        var is2 = false
        var reply: FakeReply
        var ending: Ending
        var mentions = "server text"
    }

    static let answers: [Answer] =
        [200, 202, 204].map {
            Answer(description: "\($0)", reply: FakeReply(code: $0), ending: .delivered)
        }
        + [301, 400, 401, 403, 404, 409, 413, 415, 422].map {
            Answer(description: "\($0)", reply: .error($0), ending: .refused)
        }
        + [429, 500, 502, 503, 504].map {
            Answer(description: "\($0)", reply: .error($0), ending: .again(.seconds(1)))
        }
        + [
            Answer(
                description: "503, Retry-After", reply: .error(503, after: .seconds(9)),
                ending: .again(.seconds(9))),
            Answer(
                description: "429, Retry-After of less than the backoff",
                reply: .error(429, after: .milliseconds(5)), ending: .again(.seconds(1))),
            Answer(
                description: "no connection", reply: .failure(.retry("refused")),
                ending: .again(.seconds(1)), mentions: "`endpoint`"),
            Answer(
                description: "a file is missing",
                reply: .failure(.retry("the credentials in /t cannot be read: No such file")),
                ending: .again(.seconds(1)),
                mentions:
                    "cannot send to http://prometheus:9090/api/v1/write: the credentials in /t"),
            Answer(
                description: "no answer", reply: .failure(.timeout("5 s")),
                ending: .again(.seconds(1)), mentions: "`timeout`"),
            Answer(
                description: "cannot be sent", reply: .failure(.refused("too large")),
                ending: .refused, mentions: "too large"),
            Answer(description: "2.0, all", is2: true, reply: .written(2), ending: .delivered),
            Answer(
                description: "2.0, a part", is2: true, reply: .written(1), ending: .rejected(1),
                mentions: "1 of 2"),
            Answer(
                description: "2.0, 400 for a part", is2: true,
                reply: .written(1, code: 400, body: "bad one"), ending: .rejected(1),
                mentions: "bad one"),
            Answer(
                description: "2.0, 400 for all", is2: true,
                reply: .written(0, code: 400, body: "bad all"), ending: .refused,
                mentions: "bad all"),
            Answer(
                description: "2.0, 500", is2: true, reply: .error(500), ending: .again(.seconds(1))
            ),
        ]

    @Test(arguments: answers)
    func readsAnswers(row: Answer) throws {
        let (host, sink) = try start(sinkSettings(row.is2 ? v2 : ""))
        host.client.answer { _ in row.reply }
        let batch = try host.batch(.metrics, gauges([("a", 1, 1000), ("b", 2, 1000)]))
        let delivery = sink.deliver(batch)
        var text = ""
        switch (delivery.outcome, row.ending) {
        case (.delivered(0, let message)?, .delivered): text = message + row.mentions
        case (.delivered(let count, let message)?, .rejected(let expected)):
            #expect(count == expected)
            text = message
        case (.refused(let message)?, .refused): text = message
        case (nil, .again(let delay)):
            text = host.health.map(\.1).joined()
            #expect(host.health.last?.0 == .recoverableError)
            let reason = row.description == "no answer" ? "timeout" : "retry"
            let failed = FailedItems(items: 2, signal: .metrics, reason: reason)
            #expect(host.failedAttempts == [failed])
            host.advance(by: delay - .milliseconds(1))
            #expect(host.client.sent.count == 1)
            host.client.answer { _ in row.is2 ? .written(2) : .taken }
            host.advance(by: .milliseconds(1))
            #expect(host.client.sent.count == 2)
            #expect(host.client.sent[0].body == host.client.sent[1].body)
            #expect(delivery.outcome == .delivered())
            #expect(host.failedAttempts == [failed])
            #expect(host.health.last?.0 == .ok)
            #expect(host.logs.contains { $0.message.contains("again") && $0.level == .info })
        default: Issue.record("found \(String(describing: delivery.outcome))")
        }
        #expect(text.contains(row.mentions), "\(text)")
        try sink.end()
    }

    /// Backoffs double up to their limit and end with `max_elapsed_time`.
    @Test func givesUp() throws {
        let (host, sink) = try start(
            sinkSettings(#""retry_on_failure": {"max_elapsed_time": "14s"}"#))
        host.client.answer { _ in .error(500) }
        let delivery = sink.deliver(try host.batch(.metrics, gauges([("a", 1, 1000)])))
        var moments: [Int] = []
        for second in 0..<30 {
            if host.client.sent.count > moments.count { moments.append(second) }
            host.advance(by: .seconds(1))
        }
        #expect(moments == [0, 1, 3, 7, 11])
        guard case .refused(let text)? = delivery.outcome else {
            Issue.record("\(String(describing: delivery.outcome))")
            return
        }
        #expect(text.contains("given up after 5 attempts") && text.contains("500"))
        // The fifth ends the delivery, and the host counts it.
        #expect(host.failedAttempts.map(\.items) == [1, 1, 1, 1])
        try sink.end()
    }

    /// A failed attempt counts data points, whatever number of samples they are and however many
    /// requests they are spread over.
    @Test func countsFailuresInDataPoints() throws {
        let (host, sink) = try start(
            sinkSettings(queue: #""max_samples_per_send": 20, "max_shards": 1"#))
        host.client.answer { _ in .error(503) }
        var builder = RequestBuilder(.metrics)
        builder.resource([Attribute("service.name", .string("j"))])
        builder.scope(name: Provenance.scopeName)
        builder.metric("h", .histogram(.cumulative))
        // 4 buckets, a count and a sum each.
        for index in 0..<10 {
            builder.histogramPoint(
                count: 4, sum: 1, bounds: [1, 2, 3], bucketCounts: [1, 1, 1, 1], at: 1_000_000_000,
                attributes: [Attribute("i", .string("\(index)"))])
        }
        let delivery = sink.deliver(try host.batch(.metrics, builder.finish()))
        #expect(host.failedAttempts.map(\.items) == [3])
        host.client.answer { _ in .taken }
        host.advance(by: .seconds(10))
        #expect(delivery.outcome == .delivered())
        #expect(host.failedAttempts.count == 1)
        try sink.end()
    }

    /// A receiver without 2.0 says 415, or takes the request without saying what it wrote.
    @Test(arguments: [FakeReply.error(415), .taken])
    func fallsBackTo1(reply: FakeReply) throws {
        let (host, sink) = try start(sinkSettings(v2))
        host.client.answer { request in
            request.headers.contains(Header("content-type", "application/x-protobuf"))
                ? .taken : reply
        }
        for time in [1000, 2000] as [Int64] {
            let batch = try host.batch(.metrics, gauges([("a", 1, time)]))
            #expect(sink.deliver(batch).outcome == .delivered())
        }
        let found = try requests(host)
        #expect(found.map(\.message) == [.v2, .v1, .v1])
        #expect(found.map { $0.samples.map(\.timestamp) } == [[1000], [1000], [2000]])
        #expect(host.logs.contains { $0.level == .warning && $0.message.contains("1.0") })
        try sink.end()
    }

    /// What is not newer than the last sample of its series is not sent, and said.
    @Test func sendsOnlyWhatIsNewer() throws {
        let (host, sink) = try start()
        host.client.answer { _ in .taken }
        _ = sink.deliver(try host.batch(.metrics, gauges([("a", 1, 5000)])))
        let batch = try host.batch(
            .metrics, gauges([("a", 2, 5000), ("a", 3, 4000), ("a", 4, 6000), ("b", 1, 1)]))
        guard case .delivered(let rejected, let text)? = sink.deliver(batch).outcome else {
            Issue.record("not delivered")
            return
        }
        #expect(rejected == 2)
        #expect(text.contains("1 samples older") && text.contains("1 samples of a time"))
        let stale = try host.batch(.metrics, gauges([("a", 2, 5000)]))
        guard case .refused? = sink.deliver(stale).outcome else {
            Issue.record("not refused")
            return
        }
        #expect(try requests(host).map(\.samples).last == [seen("a", 4, 6000), seen("b", 1, 1)])
        try sink.end()
    }

    @Test func waitsForARequestToBeFull() throws {
        let (host, sink) = try start(
            """
            {"endpoint": "http://p/", "queue_config": {"max_samples_per_send": 3}}
            """)
        host.client.answer { _ in .taken }
        let first = sink.deliver(try host.batch(.metrics, gauges([("a", 1, 1), ("b", 1, 1)])))
        #expect(host.client.sent.isEmpty)
        let second = sink.deliver(try host.batch(.metrics, gauges([("a", 1, 2), ("b", 1, 2)])))
        // Full with the first of the second batch.
        #expect(try requests(host).map(\.count) == [3])
        #expect(first.outcome == .delivered())
        #expect(second.outcome == nil)
        host.advance(by: .seconds(5))
        #expect(try requests(host).map(\.count) == [3, 1])
        #expect(second.outcome == .delivered())
        let third = sink.deliver(try host.batch(.metrics, gauges([("a", 1, 3)])))
        try sink.drain()
        #expect(third.outcome == .delivered())
        try sink.end()
    }

    /// What a full request leaves behind waits as long as if nothing had been sent before, and the
    /// alarm that was set for that serves it.
    @Test func whatIsLeftBehindWaitsItsOwnTime() throws {
        let (host, sink) = try start(
            """
            {"endpoint": "http://p/", "queue_config": {"max_samples_per_send": 3}}
            """)
        host.client.answer { _ in .taken }
        _ = sink.deliver(try host.batch(.metrics, gauges([("a", 1, 1), ("b", 1, 1)])))
        host.advance(by: .seconds(3))
        let second = sink.deliver(try host.batch(.metrics, gauges([("a", 1, 2), ("b", 1, 2)])))
        #expect(try requests(host).map(\.count) == [3])
        #expect(host.timerCount == 1)
        host.advance(by: .milliseconds(4999))
        #expect(second.outcome == nil)
        host.advance(by: .milliseconds(1))
        #expect(try requests(host).map(\.count) == [3, 1])
        #expect(second.outcome == .delivered())
        try sink.end()
    }

    @Test func stoppingGivesBackWhatIsUnderWay() throws {
        let (host, sink) = try start()
        let delivery = sink.deliver(try host.batch(.metrics, gauges([("a", 1, 1)])))
        #expect(delivery.outcome == nil)
        try sink.end()
        guard case .retry? = delivery.outcome else {
            Issue.record("\(String(describing: delivery.outcome))")
            return
        }
    }

    @Test func externalLabelsAndRules() throws {
        let (host, sink) = try start(
            sinkSettings(
                """
                "external_labels": {"cluster": "c", "job": "other"},
                "write_relabel_configs": [
                  {"source_labels": ["__name__"], "regex": "secret.*", "action": "drop"},
                  {"regex": "cluster", "action": "labelmap", "replacement": "site"}]
                """))
        host.client.answer { _ in .taken }
        let batch = try host.batch(.metrics, gauges([("a", 1, 1), ("secret_x", 1, 1)]))
        // What rules drop is counted, but it is no news.
        #expect(sink.deliver(batch).outcome == .delivered(rejected: 1))
        let name = #"{__name__="a", cluster="c", job="j", site="c"}"#
        #expect(try requests(host).flatMap(\.samples) == [SeenSample(name, 1, 1)])
        let dropped = try host.batch(.metrics, gauges([("secret_x", 1, 2)]))
        #expect(sink.deliver(dropped).outcome == .delivered(rejected: 1))
        try sink.end()
    }

    @Test func sendsMetadataNowAndThen() throws {
        let (host, sink) = try start()
        host.client.answer { _ in .taken }
        for time in [1, 2, 3] as [Int64] {
            _ = sink.deliver(try host.batch(.metrics, gauges([("a", 1, time)])))
            host.advance(by: .seconds(31))
        }
        #expect(try requests(host).map(\.metadata.count) == [1, 0, 1])
        try sink.end()
    }

    @Test func withoutAnEndpoint() throws {
        #expect {
            try FakeHost().createRaw(plugin, .sink, "prometheusremotewrite", "{}")
        } throws: { "\($0)".contains("endpoint") }
    }
}
