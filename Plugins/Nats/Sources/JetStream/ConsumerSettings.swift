package import WeirJSON
import WeirSDK

/// The durable consumer that a receiver reads through; all weirs with the same name share it.
package struct ConsumerSettings: Sendable, Equatable {
    package var stream: String
    package var name: String
    package var subjects: [String]
    package var ackWait: Duration
    package var maxAckPending: Int

    package var request: JSONValue {
        var config = [
            JSONMember("durable_name", .string(name)),
            JSONMember("ack_policy", .string("explicit")),
            JSONMember("deliver_policy", .string("all")),
            JSONMember("replay_policy", .string("instant")),
            JSONMember("ack_wait", .integer(Int64(clamping: ackWait.clampedNanoseconds))),
            JSONMember("max_ack_pending", .integer(Int64(maxAckPending))),
            JSONMember("max_deliver", .integer(-1)),
        ]
        if subjects.count == 1 {
            config.append(JSONMember("filter_subject", .string(subjects[0])))
        } else if subjects.count > 1 {
            config.append(
                JSONMember("filter_subjects", .array(subjects.map { .string($0) })))
        }
        return .object([
            JSONMember("stream_name", .string(stream)), JSONMember("config", .object(config)),
        ])
    }

    /// Makes it, or makes it what the settings say.
    func ensure(_ connection: NatsConnection, deadline: Deadline) throws(ComponentError) {
        let reply = try connection.ask(
            "CONSUMER.DURABLE.CREATE.\(stream).\(name)", request, deadline: deadline)
        if let failure = reply.failure {
            let advice =
                failure.number == JetStreamReply.Failure.streamNotFound
                ? ": make it, or let the sink make it (create_stream)" : ""
            throw .retry("consumer \(name) of stream \(stream): \(failure)\(advice)")
        }
        // A server before 2.10 would take them for no filter at all, and say so by leaving them out.
        if subjects.count > 1,
            reply.json["config"]?["filter_subjects"]?.arrayValue?.count != subjects.count
        {
            throw .retry(
                "the server, version \(connection.info.version), filters by one subject: give "
                    + "`subjects` one entry, or use version 2.10 or later")
        }
    }

    /// What asks for messages: they go to the reply subject, and after `expires` a status.
    package static func pull(_ count: Int, expires: Duration) -> [UInt8] {
        JSONValue.object([
            JSONMember("batch", .integer(Int64(count))),
            JSONMember("expires", .integer(Int64(clamping: expires.clampedNanoseconds))),
        ]).serializedBytes()
    }

    package var pullSubject: String { "$JS.API.CONSUMER.MSG.NEXT.\(stream).\(name)" }
}

/// How many messages still wait behind one, from the subject to which it is acknowledged:
/// `$JS.ACK.STREAM.CONSUMER.DELIVERED.SEQ.SEQ.TIME.PENDING`, in newer servers with domain and account
/// after ACK.
package func messagesBehind(_ reply: String) -> Int {
    let words = reply.split(separator: ".", omittingEmptySubsequences: false)
    guard words.count >= 9, words[0] == "$JS", words[1] == "ACK" else { return 0 }
    let index = words.count == 9 ? 8 : 10
    return index < words.count ? max(0, Int(words[index]) ?? 0) : 0
}
