import CKafka
import KafkaTestSupport
import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import KafkaPlugin

/// The receiver before brokers that librdkafka plays.
@Suite(.timeLimit(.minutes(2))) struct ReceiverTests {
    private static let oldest =
        #""traces": {}, "initial_offset": "earliest", "autocommit": {"interval": "100ms"}"#

    /// Brokers with so many spans, each a message.
    private func filled(_ numbers: ClosedRange<Int>, partitions: Int = 4) throws -> MockBrokers {
        let brokers = MockBrokers()
        brokers.createTopic("otlp_spans", partitions: partitions)
        try fill(brokers, numbers)
        return brokers
    }

    private func fill(_ brokers: MockBrokers, _ numbers: ClosedRange<Int>) throws {
        let host = FakeHost()
        let sink = try host.start(
            plugin, .sink, "kafka", settings: brokers.settings(#""partition_by": "trace_id""#))
        let delivery = sink.deliver(try host.batch(.traces, try spans(Array(numbers))))
        #expect(waits { delivery.outcome == .delivered() })
        try sink.end()
    }

    @Test(arguments: [true, false])
    func emitsAllOfItAndCommits(atIntervals: Bool) async throws {
        try await onThread {
            let brokers = try filled(1...200)
            let host = FakeHost()
            let receiver = try host.start(
                plugin, .receiver, "kafka",
                settings: brokers.settings(
                    #""traces": {}, "initial_offset": "earliest", "#
                        + #""autocommit": {"enable": \#(atIntervals)}"#))
            #expect(waits { host.emitted.count >= 200 })
            #expect(numbers(in: host.emitted.map(\.bytes)).sorted() == Array(1...200))
            try receiver.end()
            let offsets = brokers.committed("weir", "otlp_spans", partitions: 4)
            #expect(offsets.values.reduce(0, +) == 200)
            // Another member goes on where this one was.
            try fill(brokers, 201...210)
            let second = FakeHost()
            let next = try second.start(
                plugin, .receiver, "kafka", settings: brokers.settings(Self.oldest))
            #expect(waits { second.emitted.count >= 10 })
            #expect(numbers(in: second.emitted.map(\.bytes)).sorted() == Array(201...210))
            try next.end()
        }
    }

    @Test func commitsOnlyWhatWasDelivered() async throws {
        try await onThread {
            let brokers = try filled(1...5, partitions: 1)
            let host = FakeHost(acknowledges: true)
            let receiver = try host.start(
                plugin, .receiver, "kafka", settings: brokers.settings(Self.oldest))
            #expect(waits { host.watchedCount == 5 })
            // The first two; the others are unknown when it ends.
            host.acknowledge(nil)
            host.acknowledge(nil)
            try receiver.stop(
                deadline: Deadline(monotonicNanoseconds: host.monotonic + 2_000_000_000))
            #expect(brokers.committed("weir", "otlp_spans", partitions: 1) == [0: 2])
            receiver.destroy()
            try host.checkClean()
            let second = FakeHost()
            let next = try second.start(
                plugin, .receiver, "kafka", settings: brokers.settings(Self.oldest))
            #expect(waits { second.emitted.count >= 3 })
            #expect(numbers(in: second.emitted.map(\.bytes)).sorted() == [3, 4, 5])
            try next.end()
        }
    }

    @Test func whatIsNotTakenNowIsTriedAgain() async throws {
        try await onThread {
            let brokers = try filled(1...20, partitions: 1)
            let host = FakeHost()
            host.answerEmit { _ in .retry(after: .seconds(1), "the queue is full") }
            let receiver = try host.start(
                plugin, .receiver, "kafka", settings: brokers.settings(Self.oldest))
            #expect(!waits(2) { !host.emitted.isEmpty })
            host.answerEmit(nil)
            #expect(!waits(0.5) { !host.emitted.isEmpty }, "before it is time")
            host.advance(by: .seconds(2))
            #expect(waits { host.emitted.count >= 20 })
            #expect(numbers(in: host.emitted.map(\.bytes)) == Array(1...20), "in order, once")
            try receiver.end()
            #expect(brokers.committed("weir", "otlp_spans", partitions: 1) == [0: 20])
        }
    }

    @Test func whatFailsLaterIsEmittedAgain() async throws {
        try await onThread {
            let brokers = try filled(1...1, partitions: 1)
            let host = FakeHost(acknowledges: true)
            let receiver = try host.start(
                plugin, .receiver, "kafka", settings: brokers.settings(Self.oldest))
            #expect(waits { host.watchedCount == 1 })
            host.acknowledge(.retry(after: .seconds(1), "given up"))
            #expect(
                waits {
                    host.advance(by: .milliseconds(100))
                    return host.watchedCount == 1
                })
            #expect(host.emitted.count == 2)
            host.acknowledge(nil)
            try receiver.end()
            #expect(brokers.committed("weir", "otlp_spans", partitions: 1) == [0: 1])
        }
    }

    @Test func whatIsRefusedIsCountedAndPassed() async throws {
        try await onThread {
            let brokers = try filled(1...3, partitions: 1)
            let host = FakeHost()
            host.answerEmit { numbers(in: [$0.bytes]) == [2] ? .refused("bad span") : nil }
            let receiver = try host.start(
                plugin, .receiver, "kafka", settings: brokers.settings(Self.oldest))
            #expect(waits { host.emitted.count == 2 })
            try receiver.end()
            #expect(host.dropped == [DroppedItems(items: 1, signal: .traces, reason: "refused")])
            #expect(host.logs.contains { $0.message.contains("bad span") })
            #expect(brokers.committed("weir", "otlp_spans", partitions: 1) == [0: 3])
        }
    }

    @Test func orItsPartitionStops() async throws {
        try await onThread {
            let brokers = try filled(1...3, partitions: 1)
            let host = FakeHost()
            host.answerEmit { numbers(in: [$0.bytes]) == [2] ? .refused("bad span") : nil }
            let receiver = try host.start(
                plugin, .receiver, "kafka",
                settings: brokers.settings(
                    Self.oldest + #", "message_marking": {"on_error": false}"#))
            #expect(waits { host.health.contains { $0.0 == .permanentError } })
            try receiver.end()
            #expect(numbers(in: host.emitted.map(\.bytes)) == [1])
            #expect(brokers.committed("weir", "otlp_spans", partitions: 1) == [0: 1])
        }
    }

    /// What it has begun counts as not done for ever.
    @Test func andHoldsUpNoOther() async throws {
        try await onThread {
            let brokers = try filled(1...20, partitions: 2)
            let host = FakeHost()
            host.answerEmit { numbers(in: [$0.bytes]) == [1] ? .refused("bad span") : nil }
            let receiver = try host.start(
                plugin, .receiver, "kafka",
                settings: brokers.settings(
                    Self.oldest
                        + #", "message_marking": {"on_error": false}, "max_unacknowledged": "1B""#))
            #expect(waits { host.health.contains { $0.0 == .permanentError } })
            try fill(brokers, 21...60)
            #expect(waits { numbers(in: host.emitted.map(\.bytes)).contains { $0 > 20 } })
            try receiver.end()
        }
    }

    @Test func whatIsNoOTLPIsCountedAndPassed() async throws {
        try await onThread {
            let brokers = MockBrokers()
            brokers.createTopic("otlp_logs", partitions: 1)
            let host = FakeHost()
            // JSON where protobuf is expected.
            let sink = try host.start(
                plugin, .sink, "kafka",
                settings: brokers.settings(
                    #""logs": {"topic": "otlp_logs", "encoding": "otlp_json"}"#))
            let delivery = sink.deliver(
                try host.batch(.logs, OTLPSample.request(.logs, records: 1)))
            #expect(waits { delivery.outcome == .delivered() })
            try sink.end()
            let other = FakeHost()
            let receiver = try other.start(
                plugin, .receiver, "kafka",
                settings: brokers.settings(#""logs": {}, "initial_offset": "earliest""#))
            #expect(waits { !other.dropped.isEmpty })
            try receiver.end()
            #expect(other.logs.contains { $0.message.contains("message 0 of otlp_logs[0]") })
            #expect(brokers.committed("weir", "otlp_logs", partitions: 1) == [0: 1])
            let reader = FakeHost()
            let json = try reader.start(
                plugin, .receiver, "kafka",
                settings: brokers.settings(
                    #""logs": {"encoding": "otlp_json"}, "initial_offset": "earliest", "group_id": "b""#
                ))
            #expect(waits { reader.emitted.count == 1 })
            try json.end()
        }
    }

    @Test func pausesAtItsLimit() async throws {
        try await onThread {
            let brokers = try filled(1...400, partitions: 1)
            let host = FakeHost(acknowledges: true)
            let receiver = try host.start(
                plugin, .receiver, "kafka",
                settings: brokers.settings(Self.oldest + #", "max_unacknowledged": "1KiB""#))
            #expect(waits { host.watchedCount > 5 })
            #expect(!waits(1) { host.emitted.count >= 100 }, "it goes on all the same")
            #expect(
                waits(40) {
                    if host.watchedCount > 0 { host.acknowledge(nil) }
                    return host.emitted.count >= 400 && host.watchedCount == 0
                })
            try receiver.end()
            #expect(numbers(in: host.emitted.map(\.bytes)) == Array(1...400), "in order, once")
            #expect(brokers.committed("weir", "otlp_spans", partitions: 1) == [0: 400])
        }
    }

    /// A second member takes partitions over: everything arrives, and what was delivered and
    /// committed before does not come twice.
    @Test func membersShareThePartitions() async throws {
        try await onThread {
            let brokers = try filled(1...100)
            let settings = brokers.settings(
                Self.oldest + #", "session_timeout": "6s", "heartbeat_interval": "100ms""#)
            let one = FakeHost()
            let first = try one.start(plugin, .receiver, "kafka", settings: settings)
            func isCommitted(_ count: Int64) -> Bool {
                brokers.committed("weir", "otlp_spans", partitions: 4).values.reduce(0, +) == count
            }
            // A commit in the middle of a rebalance may be refused, and what it was about comes again.
            #expect(waits { one.emitted.count >= 100 && isCommitted(100) })
            let two = FakeHost()
            let second = try two.start(plugin, .receiver, "kafka", settings: settings)
            #expect(waits(40) { two.logs.contains { $0.message.contains("gave this member") } })
            try fill(brokers, 101...200)
            #expect(waits(40) { one.emitted.count + two.emitted.count >= 200 })
            #expect(waits { isCommitted(200) })
            try second.end()
            try first.end()
            let all = numbers(in: one.emitted.map(\.bytes)) + numbers(in: two.emitted.map(\.bytes))
            #expect(all.sorted() == Array(1...200))
        }
    }

    @Test func aSignalWithoutAPipelineIsLeftAlone() async throws {
        try await onThread {
            let brokers = try filled(1...3, partitions: 1)
            let host = FakeHost()
            host.answerEmit { _ in .unsupported("no pipeline carries traces") }
            let receiver = try host.start(
                plugin, .receiver, "kafka",
                settings: brokers.settings(#""initial_offset": "earliest""#))
            #expect(waits { host.logs.contains { $0.message.contains("otlp_spans is not read") } })
            try receiver.end()
            #expect(brokers.committed("weir", "otlp_spans", partitions: 1) == [:])
        }
    }
}
