import AttributesPlugin
import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

struct BatchTests {
    private static let upsert = #"{"actions": [{"key": "k", "action": "upsert", "value": "v"}]}"#
    private static let update = #"{"actions": [{"key": "k", "action": "update", "value": "v"}]}"#

    @Test func conforms() throws {
        try conformance(
            plugin,
            ConformanceOptions(settings: [
                "attributes": Self.upsert,
                "resource": #"{"attributes": [{"key": "k", "action": "upsert", "value": "v"}]}"#,
            ]))
    }

    /// The part that changes is new; its neighbours keep their bytes and their places.
    @Test(arguments: 0..<3)
    func sharesPartsThatDoNotChange(_ changed: Int) throws {
        let host = FakeHost()
        let processor = try host.start(plugin, .processor, "attributes", settings: Self.update)
        let parts = (0..<3).map { index in
            Sample.request(
                .logs, record: index == changed ? [Pair("k", Wire.string("old"))] : [])
        }
        let batch = try host.batch(.logs, parts: parts)
        let before = host.heldBytes
        host.answerEmit { batch in
            #expect(batch.items == 3)
            #expect(batch.parts.count == 3)
            for index in 0..<3 where index != changed {
                #expect(batch.parts[index] == parts[index])
            }
            #expect(batch.parts[changed] != parts[changed])
            // One buffer of exactly the size of the changed part, and nothing else.
            #expect(host.heldBytes == before + batch.parts[changed].count)
            return nil
        }
        try processor.consume(batch)
        #expect(host.heldBytes == before)
        try processor.end()
    }

    @Test func passesOnWhatDoesNotChange() throws {
        let host = FakeHost()
        let processor = try host.start(plugin, .processor, "attributes", settings: Self.update)
        let parts = [
            Sample.request(.metrics, record: []), OTLPSample.request(.metrics, records: 9),
        ]
        // No memory is asked for: none is to be had.
        let batch = try host.batch(.metrics, parts: parts)
        host.limitMemory(to: host.heldBytes)
        try processor.consume(batch)
        #expect(host.emitted.map(\.parts) == [parts])
        try processor.end()
    }

    @Test(arguments: [
        ComponentError.retry(after: .seconds(3), "queue full"), .refused("no such tenant"),
    ])
    func passesOnTheAnswer(_ answer: ComponentError) throws {
        let host = FakeHost()
        let processor = try host.start(plugin, .processor, "attributes", settings: Self.upsert)
        host.answerEmit { _ in answer }
        let batch = try host.batch(.traces, OTLPSample.request(.traces, records: 2))
        #expect(throws: answer) { try processor.consume(batch) }
        #expect(host.emitted.isEmpty)
        try processor.end()
    }

    @Test func asksForPatienceWithoutMemory() throws {
        let host = FakeHost()
        let processor = try host.start(plugin, .processor, "attributes", settings: Self.upsert)
        let batch = try host.batch(.traces, OTLPSample.request(.traces, records: 2))
        host.limitMemory(to: host.heldBytes)
        let error = #expect(throws: ComponentError.self) { try processor.consume(batch) }
        #expect(error?.kind == .retry(after: nil))
        try processor.end()
    }

    /// Lengths that are longer than they need be, as some writers leave them.
    @Test func readsLengthsThatAreNotMinimal() throws {
        let attribute = Wire.attribute(6, "k", Wire.string("old"))
        let record = [0x12, UInt8(attribute.count) | 0x80, 0] + attribute
        let scope = [0x12, UInt8(record.count) | 0x80, 0x80, 0] + record
        let input = [0x0a, UInt8(scope.count) | 0x80, 0] + scope
        let output = try run(
            "attributes", "actions", #"{"key": "k", "action": "update", "value": "new"}"#, .logs,
            input)
        #expect(
            RequestTree(output, .logs, .record).attributes == [[Pair("k", Wire.string("new"))]])
        let same = try run(
            "attributes", "actions", #"{"key": "k", "action": "update", "value": "old"}"#, .logs,
            input)
        #expect(same == input)
    }

    /// Eight callers at once: every batch comes out with its own content.
    @Test func worksOnSeveralThreads() async throws {
        let host = FakeHost()
        let settings = #"{"actions": [{"key": "id", "action": "upsert", "from_attribute": "n"}]}"#
        let processor = try host.start(plugin, .processor, "attributes", settings: settings)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for thread in 0..<8 {
                group.addTask {
                    for round in 0..<50 {
                        let signal = Signal.allCases[(thread + round) % 3]
                        let id = Wire.int(Int64(thread * 1000 + round))
                        let input = Sample.request(signal, record: [Pair("n", id)])
                        try processor.consume(host.batch(signal, input))
                    }
                }
            }
            try await group.waitForAll()
        }
        var seen: Set<[UInt8]> = []
        for batch in host.emitted {
            let pairs = RequestTree(batch.bytes, batch.signal, .record).attributes[0]
            #expect(pairs.map(\.key) == ["n", "id"])
            #expect(pairs[0].value == pairs[1].value)
            seen.insert(pairs[0].value)
        }
        #expect(seen.count == 400)
        try processor.end()
    }
}
