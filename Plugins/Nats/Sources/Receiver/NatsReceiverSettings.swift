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

    /// Says all that is wrong, at once.
    package func check() throws(ComponentError) {
        var problems = SettingsProblems()
        connection.check(&problems)
        check(&problems)
        try problems.report()
    }

    private func check(_ problems: inout SettingsProblems) {
        problems.check { () throws(ComponentError) in try NatsNames.check(stream, "stream") }
        problems.check { () throws(ComponentError) in try NatsNames.check(consumer, "consumer") }
        for (index, subject) in subjects.enumerated() {
            problems.check { () throws(ComponentError) in
                try NatsNames.check(
                    subject: subject, "subjects[\(index)]", allowsWildcards: true)
            }
        }
        if ackWait < .milliseconds(100) {
            problems.add("ack_wait: found \(ackWait), expected 100ms or more")
        }
        if fetch < 1 { problems.add("fetch: found \(fetch), expected 1 or more") }
        if maxAckPending < 1 {
            problems.add("max_ack_pending: found \(maxAckPending), expected 1 or more")
        }
    }

    var durable: ConsumerSettings {
        ConsumerSettings(
            stream: stream, name: consumer, subjects: subjects, ackWait: ackWait,
            maxAckPending: maxAckPending)
    }
}
