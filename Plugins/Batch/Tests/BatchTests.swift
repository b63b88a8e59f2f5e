import BatchPlugin
import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

struct BatchTests {
    @Test func conforms() throws { try conformance(plugin) }

    /// Several small requests become one batch with all their bytes, in order.
    @Test(arguments: Signal.allCases)
    func joinsAtTimeout(_ signal: Signal) throws {
        let host = FakeHost()
        let batch = try host.start(plugin, .processor, "batch", settings: #"{"timeout": "1s"}"#)
        let requests = (1...5).map { OTLPSample.request(signal, records: $0) }
        for request in requests { try batch.consume(host.batch(signal, request)) }
        host.advance(by: .milliseconds(999))
        #expect(host.emitted.isEmpty)
        host.advance(by: .milliseconds(1))
        #expect(host.emitted.map(\.items) == [15])
        #expect(host.emitted[0].parts == requests, "the parts are the requests, untouched")
        try batch.end()
    }

    @Test func sendsAtSize() throws {
        let host = FakeHost()
        let batch = try host.start(
            plugin, .processor, "batch", settings: #"{"send_batch_size": 10, "timeout": "1h"}"#)
        for _ in 0..<7 { try batch.consume(host.logs(3)) }
        #expect(host.emitted.map(\.items) == [12])
        #expect(batch.held == 9)
        try batch.drain()
        #expect(host.emitted.map(\.items) == [12, 9])
        try batch.end()
    }

    /// The time runs from the first item of a batch, also after one was sent by size.
    @Test func timeCountsFromTheFirstItem() throws {
        let host = FakeHost()
        let batch = try host.start(
            plugin, .processor, "batch", settings: #"{"send_batch_size": 4, "timeout": "100ms"}"#)
        let start = host.monotonic
        try batch.consume(host.logs(1))
        host.advance(by: .milliseconds(50))
        try batch.consume(host.logs(3))
        host.advance(by: .milliseconds(30))
        try batch.consume(host.logs(2))
        host.advance(by: .seconds(1))
        #expect(host.emitted.map(\.items) == [4, 2])
        #expect(host.emitted.map { ($0.moment - start) / 1_000_000 } == [50, 180])
        try batch.end()
    }

    @Test func timeoutZeroSendsAtOnce() throws {
        let host = FakeHost()
        let batch = try host.start(plugin, .processor, "batch", settings: #"{"timeout": "0"}"#)
        try batch.consume(host.logs(2))
        #expect(host.emitted.map(\.items) == [2])
        #expect(host.timerCount == 0)
        try batch.end()
    }

    /// Bytes that were joined belong to the batches they came from: nothing is copied.
    @Test func joiningCopiesNothing() throws {
        let host = FakeHost()
        let batch = try host.start(plugin, .processor, "batch")
        let given = try (0..<100).map { _ in
            try host.batch(.logs, OTLPSample.request(.logs, records: 2, padding: 2000))
        }
        let before = host.heldBytes
        for one in given { try batch.consume(one) }
        host.answerEmit { _ in
            #expect(host.heldBytes == before); return nil
        }
        host.advance(by: .seconds(1))
        #expect(host.emitted.map(\.items) == [200])
        #expect(host.emitted[0].parts.count == 100)
        try batch.end()
    }

    @Test func manySmallPartsAreCopiedTogether() throws {
        let host = FakeHost()
        let batch = try host.start(plugin, .processor, "batch")
        var expected: [UInt8] = []
        for index in 0..<500 {
            let request = OTLPSample.request(.logs, records: 1, service: "s\(index)")
            expected += request
            try batch.consume(host.batch(.logs, request))
        }
        let large = OTLPSample.request(.logs, records: 1, padding: 5000)
        try batch.consume(host.batch(.logs, large))
        host.advance(by: .seconds(1))
        #expect(host.emitted.map(\.items) == [501])
        #expect(host.emitted[0].parts == [expected, large])
        try batch.end()
    }

    @Test(arguments: [
        #"{"send_batch_size": 10, "send_batch_max_size": 5}"#,
        #"{"metadata_keys": ["tenant"]}"#, #"{"timeout": "10"}"#, #"{"tiemout": "10s"}"#,
    ])
    func refusesSettings(_ settings: String) {
        let host = FakeHost()
        #expect(throws: (any Error).self) {
            _ = try host.create(plugin, .processor, "batch", settings: settings)
        }
    }
}

extension FakeHost {
    func logs(_ records: Int) throws(ComponentError) -> TestBatch {
        try batch(.logs, OTLPSample.request(.logs, records: records))
    }
}
