import CKafka
import KafkaTestSupport
import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import KafkaPlugin

/// The sink before brokers that librdkafka plays.
@Suite(.timeLimit(.minutes(2))) struct SinkTests {
    @Test(arguments: Signal.allCases) func deliversAsItIs(signal: Signal) async throws {
        try await onThread {
            let brokers = MockBrokers()
            let host = FakeHost()
            let sink = try host.start(plugin, .sink, "kafka", settings: brokers.settings())
            let parts = OTLPSample.all(signal)
            let single = sink.deliver(try host.batch(signal, parts[0]))
            let several = sink.deliver(try host.batch(signal, parts: parts))
            #expect(waits { single.outcome == .delivered() && several.outcome == .delivered() })
            let topic = ["otlp_spans", "otlp_metrics", "otlp_logs"][Int(signal.rawValue) - 1]
            let messages = brokers.read(topic, count: 2)
            #expect(Set(messages.map(\.bytes)) == [parts[0], Array(parts.joined())])
            #expect(messages.allSatisfy { $0.key == "" })
            try sink.end()
        }
    }

    @Test func writesJSON() async throws {
        try await onThread {
            let brokers = MockBrokers()
            let host = FakeHost()
            let sink = try host.start(
                plugin, .sink, "kafka",
                settings: brokers.settings(#""traces": {"topic": "t", "encoding": "otlp_json"}"#))
            let delivery = sink.deliver(try host.batch(.traces, try spans([1, 2])))
            #expect(waits { delivery.outcome == .delivered() })
            let bytes = try #require(brokers.read("t", count: 1).first?.bytes)
            #expect(try protobuf(fromJSON: unsafe bytes.span.bytes, as: .traces) == spans([1, 2]))
            try sink.end()
        }
    }

    @Test func aTraceIsOneMessageAndOnePartition() async throws {
        try await onThread {
            let brokers = MockBrokers()
            let host = FakeHost()
            let sink = try host.start(
                plugin, .sink, "kafka",
                settings: brokers.settings(#""partition_by": "trace_id""#))
            let first = sink.deliver(try host.batch(.traces, try spans([1, 2, 3, 1])))
            let second = sink.deliver(try host.batch(.traces, try spans([3, 2])))
            #expect(waits { first.outcome == .delivered() && second.outcome == .delivered() })
            let messages = brokers.read("otlp_spans", count: 5)
            #expect(messages.count == 5)
            #expect(numbers(in: messages.map(\.bytes)).sorted() == [1, 1, 2, 2, 3, 3])
            for (_, same) in Dictionary(grouping: messages, by: \.key) {
                #expect(Set(same.map(\.partition)).count == 1)
                #expect(Set(numbers(in: same.map(\.bytes))).count == 1)
            }
            #expect(Set(messages.map(\.key)).count == 3)
            #expect(messages.contains { $0.key == "00000000000000010000000000000001" })
            try sink.end()
        }
    }

    @Test func whatIsTooLargeIsRefusedWithBothSizes() async throws {
        try await onThread {
            let brokers = MockBrokers()
            let host = FakeHost()
            let sink = try host.start(
                plugin, .sink, "kafka",
                settings: brokers.settings(
                    #""producer": {"max_message_bytes": 1000}, "partition_by": "resource""#))
            let large = OTLPSample.request(.logs, records: 2, service: "large", padding: 2000)
            let small = OTLPSample.request(.logs, records: 1, service: "small")
            let all = sink.deliver(try host.batch(.logs, large))
            let part = sink.deliver(try host.batch(.logs, large + small))
            #expect(waits { all.outcome != nil && part.outcome != nil })
            guard case .refused(let message) = all.outcome else {
                Issue.record("\(all.outcome as Any)")
                return
            }
            #expect(message.contains("\(large.count) bytes") && message.contains("allows 1000"))
            guard case .delivered(let rejected, _) = part.outcome else {
                Issue.record("\(part.outcome as Any)")
                return
            }
            #expect(rejected == 2)
            try sink.end()
        }
    }

    /// Faults that pass are librdkafka's to mend: nothing is lost, nothing comes twice.
    @Test func faultsThatPassAreMended() async throws {
        try await onThread {
            let brokers = MockBrokers(3)
            brokers.createTopic("otlp_spans")
            let host = FakeHost()
            let sink = try host.start(plugin, .sink, "kafka", settings: brokers.settings())
            brokers.fail(
                0,
                with: [
                    RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                    RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
                ])
            var deliveries: [TestDelivery] = []
            for number in 1...100 {
                deliveries.append(sink.deliver(try host.batch(.traces, try spans([number]))))
                if number == 50 {
                    for partition in 0..<4 { brokers.setLeader(of: "otlp_spans", partition, to: 2) }
                }
            }
            #expect(waits(40) { deliveries.allSatisfy { $0.outcome == .delivered() } })
            let stored = numbers(in: brokers.read("otlp_spans", count: 100).map(\.bytes))
            #expect(stored.sorted() == Array(1...100))
            try sink.end()
        }
    }

    @Test func aMissingTopicIsNamedWithWhatToDo() async throws {
        try await onThread {
            let brokers = MockBrokers()
            brokers.setError(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, ofTopic: "otlp_logs")
            let host = FakeHost()
            let sink = try host.start(
                plugin, .sink, "kafka",
                settings: brokers.settings(
                    #""librdkafka": {"topic.metadata.propagation.max.ms": "100"}"#))
            let delivery = sink.deliver(
                try host.batch(.logs, OTLPSample.request(.logs, records: 1)))
            #expect(waits { delivery.outcome != nil })
            guard case .retry(_, let message) = delivery.outcome else {
                Issue.record("\(delivery.outcome as Any)")
                return
            }
            #expect(message.contains("otlp_logs") && message.contains("kafka-topics.sh --create"))
            #expect(host.health.contains { $0.0 == .recoverableError })
            try sink.end()
        }
    }

    @Test func brokersThatAreGoneAreNamed() async throws {
        try await onThread {
            let host = FakeHost()
            let sink = try host.start(
                plugin, .sink, "kafka",
                settings: #"{"brokers": ["127.0.0.1:1"], "timeout": "1s"}"#)
            let delivery = sink.deliver(
                try host.batch(.logs, OTLPSample.request(.logs, records: 1)))
            #expect(waits { delivery.outcome != nil })
            guard case .retry(_, let message) = delivery.outcome else {
                Issue.record("\(delivery.outcome as Any)")
                return
            }
            #expect(
                message.contains("otlp_logs") && message.contains("check `brokers`"), "\(message)")
            #expect(
                waits {
                    host.health.contains {
                        $0.0 == .recoverableError && $0.1.contains("Connection refused")
                    }
                })
            try sink.end()
        }
    }

    /// librdkafka takes nothing more after some errors, here one of rights; someone mends them.
    @Test func aProducerThatFailedForGoodIsReplaced() async throws {
        try await onThread {
            let brokers = MockBrokers()
            let host = FakeHost()
            // InitProducerId
            brokers.fail(22, with: [RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED])
            let sink = try host.start(plugin, .sink, "kafka", settings: brokers.settings())
            // Before it failed, afterwards, or in between: it is never refused.
            let first = sink.deliver(try host.batch(.traces, try spans([1])))
            #expect(waits { first.outcome != nil })
            if case .refused(let message) = first.outcome { Issue.record("\(message)") }
            #expect(
                waits { host.health.contains { $0.1.contains("IdempotentWrite") } },
                "\(host.health)")
            let second = sink.deliver(try host.batch(.traces, try spans([1])))
            #expect(waits { second.outcome == .delivered() }, "\(second.outcome as Any)")
            #expect(waits { host.health.last?.0 == .ok })
            try sink.end()
        }
    }

    /// What is under way at the end comes again, and nothing of it is leaked.
    @Test func theEndHandsBackWhatIsUnderWay() async throws {
        try await onThread {
            let host = FakeHost()
            let sink = try host.start(
                plugin, .sink, "kafka", settings: #"{"brokers": ["127.0.0.1:1"]}"#)
            let deliveries = try (1...20).map {
                sink.deliver(try host.batch(.traces, try spans([$0])))
            }
            #expect(deliveries.allSatisfy { $0.outcome == nil })
            try sink.stop()
            #expect(
                deliveries.allSatisfy { $0.outcome == .retry(message: "the sink is stopping") })
            sink.destroy()
            try host.checkClean()
        }
    }

    @Test func aFullQueueIsTriedAgain() async throws {
        try await onThread {
            let host = FakeHost()
            let sink = try host.start(
                plugin, .sink, "kafka",
                settings:
                    #"{"brokers": ["127.0.0.1:1"], "librdkafka": {"queue.buffering.max.messages": "1"}}"#
            )
            let first = sink.deliver(try host.batch(.traces, try spans([1])))
            let second = sink.deliver(try host.batch(.traces, try spans([2])))
            #expect(first.outcome == nil)
            guard case .retry(_, let message) = second.outcome else {
                Issue.record("\(second.outcome as Any)")
                return
            }
            #expect(message.contains("queue is full"))
            try sink.stop()
        }
    }
}
