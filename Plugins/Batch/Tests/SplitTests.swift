import BatchPlugin
import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

struct SplitTests {
    /// Records of one request, limit, and what comes out.
    @Test(arguments: Signal.allCases, [(10, 10, [10]), (25, 10, [10, 10, 5]), (3, 1, [1, 1, 1])])
    func splitsByRecords(_ signal: Signal, _ row: (records: Int, limit: Int, items: [Int])) throws {
        let host = FakeHost()
        let batch = try host.start(
            plugin, .processor, "batch",
            settings: """
                {"timeout": "0", "send_batch_size": 0, "send_batch_max_size": \(row.limit)}
                """)
        let request = OTLPSample.request(signal, records: row.records, service: "checkout")
        try batch.consume(host.batch(signal, request))
        #expect(host.emitted.map(\.items) == row.items)
        for piece in host.emitted {
            #expect(
                piece.bytes.indices.contains { piece.bytes[$0...].starts(with: "checkout".utf8) },
                "each piece has the resource")
        }
        try batch.end()
    }

    /// Whole batches are not taken apart to fill the rest of another.
    @Test func prefersWholeBatches() throws {
        let host = FakeHost()
        let batch = try host.start(
            plugin, .processor, "batch",
            settings: #"{"timeout": "1s", "send_batch_size": 100, "send_batch_max_size": 100}"#)
        for records in [60, 60, 30, 10] {
            try batch.consume(host.batch(.traces, OTLPSample.request(.traces, records: records)))
        }
        host.advance(by: .seconds(2))
        #expect(host.emitted.map(\.items) == [60, 60, 40])
        try batch.end()
    }

    /// Without memory for the pieces the batch goes on as it is: late is worse than large.
    @Test func withoutMemoryItIsSentAsItIs() throws {
        let host = FakeHost()
        let batch = try host.start(
            plugin, .processor, "batch",
            settings: #"{"timeout": "0", "send_batch_size": 0, "send_batch_max_size": 10}"#)
        let given = try host.batch(.logs, OTLPSample.request(.logs, records: 30))
        host.limitMemory(to: host.heldBytes)
        try batch.consume(given)
        #expect(host.emitted.map(\.items) == [30])
        #expect(host.logs.contains { $0.level == .warning && $0.message.contains("not split") })
        try batch.end()
    }
}
