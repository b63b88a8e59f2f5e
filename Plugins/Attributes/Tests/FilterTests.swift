import AttributesPlugin
import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

/// Which of two records are edited, under two services with different attributes.
struct FilterTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var filter: String
        var signal: Signal
        /// For shop and for cart: whether the record is edited.
        var edited: [Bool]
        var testDescription: String { "\(signal) \(filter)" }
    }

    private static let cases: [Case] =
        Signal.allCases.flatMap { signal in
            [
                Case(
                    filter: #""include": {"services": ["shop", "x"]}"#, signal: signal,
                    edited: [true, false]),
                Case(
                    filter: #""exclude": {"services": ["shop"]}"#, signal: signal,
                    edited: [false, true]),
                Case(
                    filter: #""include": {"attributes": [{"key": "n", "value": 2}]}"#,
                    signal: signal, edited: [false, true]),
                Case(
                    filter: #""include": {"attributes": [{"key": "n", "value": "2"}]}"#,
                    signal: signal, edited: [false, false]),
                Case(
                    filter: #""exclude": {"attributes": [{"key": "n"}]}"#, signal: signal,
                    edited: [false, false]),
                Case(
                    filter:
                        #""include": {"resources": [{"key": "service.name", "value": "cart"}]}"#,
                    signal: signal, edited: [false, true]),
                // All that is excluded must hold at once.
                Case(
                    filter:
                        #""exclude": {"services": ["shop"], "attributes": [{"key": "n", "value": 2}]}"#,
                    signal: signal, edited: [true, true]),
                // What is included and excluded is left alone.
                Case(
                    filter:
                        #""include": {"services": ["shop"]}, "exclude": {"services": ["shop"]}"#,
                    signal: signal, edited: [false, false]),
                Case(
                    filter: #""include": {"span_names": ["GET /"]}"#, signal: signal,
                    edited: [signal == .traces, signal == .traces]),
                Case(
                    filter: #""include": {"log_bodies": ["line"]}"#, signal: signal,
                    edited: [signal == .logs, signal == .logs]),
                Case(
                    filter: #""exclude": {"metric_names": ["metric.name"]}"#, signal: signal,
                    edited: [signal != .metrics, signal != .metrics]),
                Case(
                    filter: #""include": {"span_names": ["a"], "log_bodies": ["b"]}"#,
                    signal: signal, edited: [false, false]),
            ]
        }

    @Test(arguments: cases, [5, 7, 9, 10, 11])
    func selects(_ test: Case, _ data: Int) throws {
        let names = ["shop", "cart"]
        let input = names.indices.flatMap { index in
            Sample.request(
                test.signal, data: data,
                resource: [Pair("service.name", Wire.string(names[index]))],
                record: [Pair("n", Wire.int(Int64(index) + 1))], resourceLast: index == 1)
        }
        let host = FakeHost()
        let settings = """
            {"actions": [{"key": "k", "action": "upsert", "value": "v"}], \(strict(test.filter))}
            """
        let processor = try host.start(plugin, .processor, "attributes", settings: settings)
        try processor.consume(host.batch(test.signal, input))
        let output = try #require(host.emitted.first).bytes
        try processor.end()
        let pairs = RequestTree(output, test.signal, .record).attributes
        #expect(pairs.map { $0.contains { $0.key == "k" } } == test.edited)
        if !test.edited.contains(true) { #expect(output == input) }
    }

    /// Adds the `match_type` that every filter has.
    private func strict(_ filters: String) -> String {
        var text = filters
        for name in ["include", "exclude"] {
            let parts = text.split(separator: "\"\(name)\": {", omittingEmptySubsequences: false)
            text = parts.joined(separator: "\"\(name)\": {\"match_type\": \"strict\", ")
        }
        return text
    }

    @Test(arguments: [
        (#"{"match_type": "regexp", "services": ["a.*"]}"#, "expected strict"),
        (#"{"match_type": "strict"}"#, "found no condition"),
        (#"{"match_type": "strict", "services": []}"#, "found no condition"),
    ])
    func refuses(_ filter: String, _ words: String) throws {
        let host = FakeHost()
        let error = #expect(throws: ComponentError.self) {
            try host.createRaw(
                plugin, .processor, "attributes",
                #"{"actions": [{"key": "k", "action": "delete"}], "include": \#(filter)}"#)
        }
        #expect(error?.kind == .invalid)
        #expect(error?.message.contains(words) == true, "\(error!.message)")
    }
}
