package import WeirSDK

/// The settings of the receiver.
package struct NatsReceiverSettings: Decodable, Sendable {
    package var connection: ConnectionSettings
    package var stream: String
    package var consumer: String
    package var subjects: [String]
    package var maxAckPending: Int
    package var ackWait: Duration
    package var fetch: Int

    private enum Keys: CodingKey {
        case stream, consumer, subjects, maxAckPending, ackWait, fetch
    }

    package init(from decoder: any Decoder) throws {
        connection = try ConnectionSettings(from: decoder)
        let own = try decoder.container(keyedBy: Keys.self)
        stream = try own.decode(String.self, forKey: .stream)
        consumer = try own.decode(String.self, forKey: .consumer)
        subjects = try own.decode([String].self, forKey: .subjects)
        maxAckPending = try own.decode(Int.self, forKey: .maxAckPending)
        ackWait = try own.decode(Duration.self, forKey: .ackWait)
        fetch = try own.decode(Int.self, forKey: .fetch)
    }

    package func check() throws(ComponentError) {
        try NatsNames.check(stream, "stream")
        try NatsNames.check(consumer, "consumer")
        for subject in subjects {
            try NatsNames.check(subject: subject, "subjects", allowsWildcards: true)
        }
        guard ackWait >= .milliseconds(100) else {
            throw .invalid("ack_wait is \(ackWait): expected 100ms or more")
        }
        guard fetch >= 1, maxAckPending >= 1 else {
            throw .invalid("fetch and max_ack_pending: expected 1 or more")
        }
    }

    var durable: ConsumerSettings {
        ConsumerSettings(
            stream: stream, name: consumer, subjects: subjects, ackWait: ackWait,
            maxAckPending: maxAckPending)
    }
}
