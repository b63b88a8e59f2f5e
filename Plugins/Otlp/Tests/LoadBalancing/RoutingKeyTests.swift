import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import OtlpPlugin

struct RoutingKeyTests {
    static let names = (0..<5).map { "backend-\($0):4317" }

    struct Row: Sendable, CustomStringConvertible {
        var description: String
        var signal: Signal
        var settings: String
        /// Two requests of which the records belong together.
        var same: [String]
        /// Requests that are spread: more than one backend gets some.
        var spread: [String]
    }

    private static func resource(_ value: String, _ scopes: String, _ kind: String) -> String {
        #"{"resource\#(kind)":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"\#(value)"}},{"key":"z","value":{"intValue":"1"}}]},"#
            + #""scope\#(kind)":[\#(scopes)]}]}"#
    }

    static func span(_ service: String, trace: Int = 1, name: String = "n", tenant: String = "t")
        -> String
    {
        let id = String(trace, radix: 16)
        let trace = String(repeating: "0", count: 31 - id.count) + id + "1"
        return resource(
            service,
            #"{"spans":[{"traceId":"\#(trace)","spanId":"00000000000000a1","name":"\#(name)","attributes":[{"key":"tenant","value":{"stringValue":"\#(tenant)"}}]}]}"#,
            "Spans")
    }

    static func log(_ service: String, trace: Int, body: String = "b") -> String {
        let id = String(trace, radix: 16)
        let trace = String(repeating: "0", count: 31 - id.count) + id + "1"
        return resource(
            service, #"{"logRecords":[{"traceId":"\#(trace)","body":{"stringValue":"\#(body)"}}]}"#,
            "Logs")
    }

    static func metric(
        _ service: String, _ name: String, point: String = "p", kind: String = "gauge"
    ) -> String {
        resource(
            service,
            #"{"metrics":[{"name":"\#(name)","\#(kind)":{"dataPoints":[{"attributes":[{"key":"cpu","value":{"stringValue":"\#(point)"}}]}]}}]}"#,
            "Metrics")
    }

    static let rows: [Row] = [
        Row(
            description: "traces: by trace", signal: .traces, settings: "",
            same: [span("a", trace: 7), span("b", trace: 7, name: "other")],
            spread: (0..<40).map { span("a", trace: $0) }),
        Row(
            description: "traces: by service", signal: .traces,
            settings: #", "routing_key": "service""#,
            same: [span("a", trace: 7), span("a", trace: 8)],
            spread: (0..<40).map { span("\($0)") }),
        Row(
            description: "traces: by attribute", signal: .traces,
            settings:
                #", "routing_key": "attributes", "routing_attributes": ["tenant", "span.name"]"#,
            same: [span("a", trace: 1), span("b", trace: 2)],
            spread: (0..<40).map { span("a", tenant: "\($0)") }),
        Row(
            description: "traces: by span name", signal: .traces,
            settings: #", "routing_key": "attributes", "routing_attributes": ["span.name"]"#,
            same: [span("a", tenant: "x"), span("b", tenant: "y")],
            spread: (0..<40).map { span("a", name: "\($0)") }),
        Row(
            description: "logs: by trace", signal: .logs, settings: "",
            same: [log("a", trace: 7), log("b", trace: 7, body: "c")],
            spread: (0..<40).map { log("a", trace: $0) }),
        Row(
            description: "logs: by resource", signal: .logs,
            settings: #", "routing_key": "resource""#,
            same: [log("a", trace: 7), log("a", trace: 9)],
            spread: (0..<40).map { log("\($0)", trace: 7) }),
        Row(
            description: "metrics: by service", signal: .metrics, settings: "",
            same: [metric("a", "x"), metric("a", "y", point: "q")],
            spread: (0..<40).map { metric("\($0)", "x") }),
        Row(
            description: "metrics: by name", signal: .metrics,
            settings: #", "routing_key": "metric""#,
            same: [metric("a", "x"), metric("b", "x", kind: "summary")],
            spread: (0..<40).map { metric("a", "\($0)") }),
        Row(
            description: "metrics: by stream", signal: .metrics,
            settings: #", "routing_key": "streamID""#,
            same: [metric("a", "x", point: "1"), metric("a", "x", point: "1")],
            spread: (0..<40).map { metric("a", "x", point: "\($0)") }),
        Row(
            description: "metrics: by a point's attribute", signal: .metrics,
            settings: #", "routing_key": "attributes", "routing_attributes": ["cpu"]"#,
            same: [
                metric("a", "x", point: "1", kind: "exponentialHistogram"),
                metric("b", "y", point: "1", kind: "histogram"),
                metric("b", "y", point: "1", kind: "summary"), metric("c", "z", point: "1"),
            ],
            spread: (0..<40).map { metric("a", "x", point: "\($0)", kind: "summary") }),
    ]

    @Test(arguments: rows)
    func whatBelongsTogetherGoesTogether(row: Row) throws {
        let host = FakeHost()
        let backends = ScriptedBackends(host)
        let sink = try host.balancing(Self.names, row.settings)
        for text in row.same {
            let bytes = try protobuf(fromJSON: Array(text.utf8), as: row.signal)
            #expect(sink.deliver(try host.batch(row.signal, bytes)).outcome == .delivered())
        }
        #expect(Set(backends.asked).count == 1)
        backends.forgetAsked()
        let parts = try row.spread.map { try protobuf(fromJSON: Array($0.utf8), as: row.signal) }
        let batch = try host.batch(row.signal, parts: parts)
        #expect(sink.deliver(batch).outcome == .delivered())
        #expect(Set(backends.asked).count > 2)
        #expect(Set(backends.asked).count == backends.asked.count, "one request for each")
        let items = try backends.taken.reduce(0) { try $0 + scan($1.body, as: row.signal).items }
        #expect(items == row.same.count + row.spread.count)
        try sink.end()
    }

    /// Points of one metric, of every kind, keep their values wherever they go.
    @Test(arguments: [
        #""histogram":{"aggregationTemporality":2,"dataPoints":[POINTS]}"#,
        #""exponentialHistogram":{"aggregationTemporality":1,"dataPoints":[POINTS]}"#,
        #""summary":{"dataPoints":[POINTS]}"#,
        #""sum":{"isMonotonic":true,"aggregationTemporality":2,"dataPoints":[POINTS]}"#,
        #""gauge":{"dataPoints":[POINTS]}"#,
    ])
    func pointsAreSpreadWithTheirMetric(kind: String) throws {
        let points = (0..<60).map {
            #"{"timeUnixNano":"\#($0 + 1)","attributes":[{"key":"cpu","value":{"intValue":"\#($0)"}}]}"#
        }.joined(separator: ",")
        let json = Self.resource(
            "a",
            #"{"metrics":[{"name":"m","unit":"s",\#(kind.replacing("POINTS", with: points))}]}"#,
            "Metrics")
        let bytes = try protobuf(fromJSON: Array(json.utf8), as: .metrics)
        let host = FakeHost()
        let backends = ScriptedBackends(host)
        let sink = try host.balancing(Self.names, #", "routing_key": "streamID""#)
        #expect(sink.deliver(try host.batch(.metrics, bytes)).outcome == .delivered())
        var count = 0
        for one in backends.taken {
            count += try scan(one.body, as: .metrics).items
            let text = try unsafe String(
                decoding: one.body.withUnsafeBytes { raw in
                    try unsafe WeirTelemetry.json(RawSpan(_unsafeBytes: raw), as: .metrics)
                }, as: UTF8.self)
            #expect(text.contains(#""unit":"s""#))
            #expect(text.contains("service.name"))
            if kind.contains("isMonotonic") { #expect(text.contains(#""isMonotonic":true"#)) }
            #expect(
                text.contains("aggregationTemporality") == kind.contains("aggregationTemporality"))
        }
        #expect(count == 60)
        #expect(backends.taken.count > 2)
        try sink.end()
    }

    @Test func logsWithoutATraceAreSpreadByBatch() throws {
        let host = FakeHost()
        let backends = ScriptedBackends(host)
        let sink = try host.balancing(Self.names)
        for _ in 0..<60 {
            let batch = try host.batch(.logs, Payload.proto(.logs, items: 5))
            #expect(sink.deliver(batch).outcome == .delivered())
        }
        #expect(backends.asked.count == 60, "no batch is split")
        #expect(Set(backends.asked).count == 5)
        try sink.end()
    }

    @Test(arguments: [
        (Signal.metrics, "traceID"), (.traces, "metric"), (.logs, "streamID"),
    ])
    func aKeyThatTheSignalLacksIsRefused(signal: Signal, key: String) throws {
        let host = FakeHost()
        let sink = try host.balancing(["a"], #", "routing_key": "\#(key)""#)
        let batch = try host.batch(signal, Payload.proto(signal, items: 1))
        guard case .refused(let text)? = sink.deliver(batch).outcome else {
            Issue.record("expected a refusal")
            return
        }
        #expect(text.contains("routing_key is \(key)") && text.contains("expected"))
        try sink.end()
    }
}
