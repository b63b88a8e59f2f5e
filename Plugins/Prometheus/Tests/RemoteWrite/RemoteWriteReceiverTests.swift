import Testing
import WeirPrometheus
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import PrometheusPlugin

/// A request of series `m{job="j"}` and so on, one sample each.
private func body(_ message: RemoteWriteMessage, _ names: [String], at time: Int64 = 1000)
    -> [UInt8]
{
    var encoder = RemoteWriteEncoder(message)
    var labels = SentLabels(message)
    for name in names {
        let number = labels.insert(Labels([Label("__name__", name), Label("job", "j")])).number
        encoder.beginSeries(number, in: labels)
        encoder.sample(1, at: time)
        encoder.endSeries()
    }
    return encoder.finish()
}

@Suite struct RemoteWriteReceiverTests {
    struct Row: Sendable, CustomStringConvertible {
        var description: String
        var method = "POST"
        var path = "/api/v1/write"
        var type = RemoteWriteMessage.v1.contentType
        var body: [UInt8] = []
        var downstream: ComponentError?
        var code: UInt32
        var mentions = ""
        var headers: [Header] = []
        var retryAfter: Duration?
        var items = 0
        var dropped = 0
    }

    private static func counts(_ samples: Int) -> [Header] {
        [
            Header(WrittenHeader.samples, "\(samples)"), Header(WrittenHeader.histograms, "0"),
            Header(WrittenHeader.exemplars, "0"),
        ]
    }

    static let v2Type = RemoteWriteMessage.v2.contentType
    static let good = body(.v1, ["m", "n"])

    static let rows: [Row] = [
        Row(description: "1.0", body: good, code: 204, items: 2),
        Row(description: "1.0 without a type", type: "", body: good, code: 204, items: 2),
        Row(
            description: "2.0", type: v2Type, body: body(.v2, ["m"]), code: 204, headers: counts(1),
            items: 1),
        Row(description: "nothing in 1.0", code: 204),
        Row(description: "nothing in 2.0", type: v2Type, code: 204, headers: counts(0)),
        Row(
            description: "another message", type: "application/x-protobuf;proto=x.Y", body: good,
            code: 415, mentions: "io.prometheus.write.v2.Request"),
        Row(
            description: "JSON", type: "application/json", body: Array("{}".utf8), code: 415,
            mentions: "application/x-protobuf"),
        Row(description: "no protobuf", body: [0xff], code: 400, mentions: "byte 0"),
        Row(
            description: "1.0 called 2.0", type: v2Type, body: good, code: 400,
            mentions: "prometheus.WriteRequest"),
        Row(
            description: "another path", path: "/api/v1/push", body: good, code: 404,
            mentions: "/api/v1/write"),
        Row(description: "GET", method: "GET", code: 405, mentions: "POST"),
        Row(
            description: "no room downstream", body: good,
            downstream: .retry(after: .seconds(7), "full"), code: 503, mentions: "full",
            retryAfter: .seconds(7)),
        Row(
            description: "no room, no delay", body: good, downstream: .retry("full"), code: 503,
            retryAfter: .seconds(1)),
        Row(
            description: "refused downstream", body: good, downstream: .refused("never"), code: 400,
            mentions: "never"),
        Row(
            description: "one wrong series", type: v2Type,
            body: body(.v2, ["m", "n"]) + [0x2a, 0x02, 0x12, 0x00], code: 400,
            mentions: "no label __name__", headers: counts(2), items: 2, dropped: 1),
    ]

    @Test(arguments: rows)
    func answers(row: Row) throws {
        let host = FakeHost()
        let receiver = try host.start(plugin, .receiver, "prometheusremotewrite")
        if let error = row.downstream { host.answerEmit { _ in error } }
        let exchange = host.server.send(
            row.method, row.path, body: row.body, contentType: row.type)
        let response = try #require(exchange?.response)
        #expect(response.code == row.code)
        #expect(response.retryAfter == row.retryAfter)
        let text = String(decoding: response.body, as: UTF8.self)
        #expect(row.mentions.isEmpty || text.contains(row.mentions), "\(text)")
        if !row.headers.isEmpty { #expect(response.headers == row.headers) }
        if row.code == 204 { #expect(response.headers == row.headers && response.body.isEmpty) }
        #expect(host.emitted.reduce(0) { $0 + $1.items } == row.items)
        #expect(host.dropped.reduce(0) { $0 + $1.items } == row.dropped)
        try receiver.end()
    }

    @Test func ownPathAndEndpoint() throws {
        let host = FakeHost()
        let receiver = try host.start(
            plugin, .receiver, "prometheusremotewrite",
            settings: #"{"endpoint": "0.0.0.0:1234", "path": "in", "max_request_body_size": 10}"#)
        #expect(host.server.listening[0].contains("0.0.0.0:1234"))
        #expect(!host.server.listening[0].contains(#""path""#))
        let exchange = host.server.send("POST", "/in", body: Self.good)
        #expect(exchange?.response?.code == 204)
        try receiver.end()
    }

    /// A sink that is to block makes senders wait; others tell them to come back at once.
    @Test func waitsForASinkThatIsToBlock() throws {
        let host = FakeHost()
        host.patience = .seconds(5)
        let receiver = try host.start(plugin, .receiver, "prometheusremotewrite")
        host.answerEmit { _ in .retry("full") }
        let first = try #require(host.server.send("POST", "/api/v1/write", body: Self.good))
        let second = try #require(host.server.send("POST", "/api/v1/write", body: Self.good))
        host.advance(by: .seconds(4))
        #expect(first.response == nil && host.waitingCount == 2)
        host.answerEmit { _ in nil }
        host.advance(by: .milliseconds(10))
        #expect(first.response?.code == 204 && second.response?.code == 204)
        host.answerEmit { _ in .retry("full") }
        let third = try #require(host.server.send("POST", "/api/v1/write", body: Self.good))
        host.advance(by: .seconds(6))
        #expect(third.response?.code == 503 && host.emitted.count == 2)
        try receiver.end()
    }

    /// Metadata that come apart from samples say what later samples are.
    @Test func remembersMetadata() throws {
        let host = FakeHost()
        let receiver = try host.start(plugin, .receiver, "prometheusremotewrite")
        var encoder = RemoteWriteEncoder(.v1)
        encoder.metadata(MetricFamily(name: "m", type: .counter, help: "Of m.", unit: ""))
        for body in [encoder.finish(), body(.v1, ["m"])] {
            let exchange = host.server.send("POST", "/api/v1/write", body: body)
            #expect(exchange?.response?.code == 204)
        }
        #expect(host.emitted.count == 1)
        let bytes = host.emitted[0].bytes
        var groups = unsafe RequestView(bytes.span.bytes).resources
        let metric = groups.next()?.firstMetric
        #expect(metric?.0 == "m" && metric?.1 == "Of m." && metric?.2 == true)
        try receiver.end()
    }
}

extension ResourceGroupView {
    /// Name, description, whether it is monotonic.
    fileprivate var firstMetric: (String, String, Bool)? {
        var scopes = self.scopes
        guard let scope = scopes.next() else { return nil }
        var metrics = scope.metrics
        guard let metric = metrics.next() else { return nil }
        return (metric.name.string, metric.description.string, metric.isMonotonic)
    }
}

/// Answers that wait for what becomes of the samples.
@Suite struct RemoteWriteAcknowledgementTests {
    @Test(arguments: [
        (ComponentError?.none, 204 as UInt32), (.retry(after: .seconds(3), "given up"), 503),
        (.refused("never"), 400), (.cancelled("the process ends"), 503),
    ])
    func answersWithWhatBecameOfThem(outcome: ComponentError?, code: UInt32) throws {
        let host = FakeHost(acknowledges: true)
        let receiver = try host.start(plugin, .receiver, "prometheusremotewrite")
        let exchange = try #require(
            host.server.send("POST", "/api/v1/write", body: body(.v1, ["m"])))
        #expect(host.emitted.count == 1 && host.watchedCount == 1 && exchange.response == nil)
        host.acknowledge(outcome)
        #expect(exchange.response?.code == code)
        try receiver.end()
    }
}
