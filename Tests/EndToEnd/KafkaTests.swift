import Foundation
import KafkaTestSupport
import Testing
import WeirTestKit

extension EndToEnd {
    /// From a client over Kafka into a file: every log record that the first weir has acknowledged
    /// arrives, with a broker that refuses writes for a while and one that goes away.
    @Test(.timeLimit(.minutes(2)), arguments: [false, true])
    func whatIsAcknowledgedArrivesOverKafka(hasFaults: Bool) async throws {
        let brokers = MockBrokers(3)
        brokers.createTopic("otlp_logs")
        let port = try await freePorts(1)[0]
        let reader = try await Weir(
            """
            receivers:
              kafka:
                brokers: [\(brokers.addresses)]
                ack: delivered
                initial_offset: earliest
                autocommit: {interval: 100ms}
                logs:
            sinks:
              file: {path: FOLDER/logs.jsonl}
            service:
              pipelines:
                logs: {receivers: [kafka], sinks: [file]}
            """)
        let writer = try await Weir(
            """
            receivers:
              otlp: {ack: delivered, protocols: {http: {endpoint: "127.0.0.1:\(port)"}}}
            sinks:
              kafka: {brokers: [\(brokers.addresses)], partition_by: resource}
            service:
              pipelines:
                logs: {receivers: [otlp], sinks: [kafka]}
            """)
        for number in 0..<40 {
            if hasFaults, number == 10 { brokers.refuseWrites(5) }
            if hasFaults, number == 20 {
                for partition in 0..<4 { brokers.setLeader(of: "otlp_logs", partition, to: 2) }
                brokers.setDown(1)
            }
            if hasFaults, number == 30 { brokers.setUp(1) }
            let body = """
                {"resourceLogs":[{"resource":{"attributes":[{"key":"n","value":{"intValue":"\(number % 7)"}}]},
                "scopeLogs":[{"logRecords":[{"body":{"stringValue":"record-\(number)-"}}]}]}]}
                """
            let answer = try await Command(
                "/usr/bin/curl",
                [
                    "-s", "-m", "60", "-o", "/dev/null", "-w", "%{http_code}", "-H",
                    "content-type: application/json", "-d", body,
                    "http://127.0.0.1:\(port)/v1/logs",
                ]
            ).run().output
            #expect(answer == "200", "\(number): \(writer.log)")
        }
        let hasAll = await eventually(within: 30) {
            let text = (try? reader.folder.read("logs.jsonl")) ?? ""
            return (0..<40).allSatisfy { text.contains("record-\($0)-") }
        }
        #expect(hasAll, "\(reader.log)")
        #expect(try await writer.stop() == 0, "\(writer.log)")
        #expect(try await reader.stop() == 0, "\(reader.log)")
        let offsets = brokers.committed("weir", "otlp_logs", partitions: 4)
        #expect(offsets.values.reduce(0, +) >= 40, "\(offsets)")
    }
}
