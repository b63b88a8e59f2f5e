import Testing
import WeirTelemetry
import WeirTestKit

@testable import KafkaPlugin

struct KeyedRequestsTests {
    private func split(
        _ json: String, _ signal: Signal, _ partitioning: Partitioning
    ) throws -> [(key: String, json: String)] {
        let bytes = try protobuf(fromJSON: Array(json.utf8), as: signal)
        var keyed = KeyedRequests(partitioning, signal)
        try unsafe keyed.add(bytes.span.bytes)
        return try keyed.finish().map { key, bytes in
            _ = try scan(bytes, as: signal)
            return (
                String(decoding: key, as: UTF8.self),
                String(
                    decoding: try unsafe WeirTelemetry.json(bytes.span.bytes, as: signal),
                    as: UTF8.self)
            )
        }
    }

    private let a = "5b8efff798038103d269b633813fc60c"
    private let b = "0102030405060708090a0b0c0d0e0f10"

    private func span(_ trace: String, _ name: String) -> String {
        #"{"traceId":"\#(trace)","spanId":"eee19b7ec3c1b174","name":"\#(name)"}"#
    }

    @Test func spansGoByTrace() throws {
        let pieces = try split(
            """
            {"resourceSpans":[
              {"resource":{"attributes":[{"key":"r","value":{"stringValue":"1"}}]},"schemaUrl":"u",
               "scopeSpans":[
                {"scope":{"name":"s1"},"spans":[\(span(a, "a1")),\(span(b, "b1")),\(span(a, "a2"))]},
                {"scope":{"name":"s2"},"schemaUrl":"v","spans":[\(span(b, "b2"))]}]},
              {"resource":{"attributes":[{"key":"r","value":{"stringValue":"2"}}]},
               "scopeSpans":[{"spans":[\(span(a, "a3"))]}]}]}
            """, .traces, .traceID)
        #expect(pieces.map(\.key) == [a, b])
        let resource1 = #"{"resource":{"attributes":[{"key":"r","value":{"stringValue":"1"}}]}"#
        let resource2 = #"{"resource":{"attributes":[{"key":"r","value":{"stringValue":"2"}}]}"#
        #expect(
            pieces[0].json == #"{"resourceSpans":["# + resource1
                + #","scopeSpans":[{"scope":{"name":"s1"},"spans":["#
                + span(a, "a1") + "," + span(a, "a2") + #"]}],"schemaUrl":"u"},"# + resource2
                + #","scopeSpans":[{"spans":["# + span(a, "a3") + "]}]}]}")
        #expect(
            pieces[1].json == #"{"resourceSpans":["# + resource1
                + #","scopeSpans":[{"scope":{"name":"s1"},"spans":["# + span(b, "b1")
                + #"]},{"scope":{"name":"s2"},"spans":["# + span(b, "b2")
                + #"],"schemaUrl":"v"}],"schemaUrl":"u"}]}"#)
    }

    @Test func logsWithoutATraceHaveNoKey() throws {
        let pieces = try split(
            """
            {"resourceLogs":[{"scopeLogs":[{"logRecords":[
              {"body":{"stringValue":"x"}},{"traceId":"\(a)","body":{"stringValue":"y"}},
              {"body":{"stringValue":"z"}}]}]}]}
            """, .logs, .traceID)
        #expect(pieces.map(\.key) == ["", a])
        #expect(pieces[0].json.contains("x") && pieces[0].json.contains("z"))
    }

    @Test func resourcesAreTheSameInAnyOrderOfAttributes() throws {
        func group(_ attributes: [String], _ name: String) -> String {
            let list = attributes.map { #"{"key":"\#($0)","value":{"stringValue":"v"}}"# }
            return #"{"resource":{"attributes":[\#(list.joined(separator: ","))]},"#
                + #""scopeMetrics":[{"metrics":[{"name":"\#(name)","gauge":{"dataPoints":[{"asInt":"1"}]}}]}]}"#
        }
        let pieces = try split(
            #"{"resourceMetrics":[\#(group(["x", "y"], "one")),\#(group(["z"], "two")),\#(group(["y", "x"], "three"))]}"#,
            .metrics, .resource)
        #expect(pieces.count == 2)
        #expect(pieces.allSatisfy { $0.key.count == 16 })
        #expect(pieces[0].json.contains("one") && pieces[0].json.contains("three"))
        #expect(pieces[1].json.contains("two"))
        // A key lives longer than a process.
        #expect(pieces[1].key == "785ebc11c9ae97f8")
    }

    /// Nothing is lost and nothing comes twice, whatever the order of fields and the unknown ones.
    @Test(arguments: Signal.allCases, [Partitioning.traceID, .resource])
    func keepsEveryItem(signal: Signal, partitioning: Partitioning) throws {
        guard signal != .metrics || partitioning == .resource else { return }
        for bytes in OTLPSample.all(signal) {
            var keyed = KeyedRequests(partitioning, signal)
            try unsafe keyed.add(bytes.span.bytes)
            let pieces = keyed.finish()
            let before = try scan(bytes, as: signal)
            let items = try pieces.reduce(0) { try $0 + scan($1.bytes, as: signal).items }
            #expect(items == before.items)
            let unknown = try pieces.contains { try scan($0.bytes, as: signal).hasUnknownFields }
            #expect(unknown == before.hasUnknownFields)
        }
    }
}
