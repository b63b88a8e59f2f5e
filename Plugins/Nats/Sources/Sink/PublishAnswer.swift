import WeirJSON
package import WeirSDK

/// What JetStream says to one message.
package enum PublishAnswer {
    package static func outcome(_ message: Message, subject: String) -> Outcome {
        if message.headers.status == 503 {
            // The same answer comes while a stream has no leader, so it has to be one that passes.
            return .retry(
                message:
                    "no stream takes \(subject): make one with this subject, or set stream and "
                    + "create_stream; in a cluster it may have no leader now")
        }
        let reply: JetStreamReply
        do throws(ComponentError) { reply = try JetStreamReply(message) } catch {
            return Outcome(error)
        }
        if let failure = reply.failure { return outcome(failure, subject: subject) }
        // Whoever answers without JetStream, a service on this subject say, has stored nothing.
        guard reply.json["stream"]?.stringValue != nil, reply.json["seq"]?.integerValue != nil
        else {
            return .retry(
                message: "the answer to a message on \(subject) is not JetStream's: something else "
                    + "answers on this subject")
        }
        return .delivered()
    }

    private static func outcome(
        _ failure: JetStreamReply.Failure, subject: String
    ) -> Outcome {
        if failure.number == JetStreamReply.Failure.messageTooLargeForStream {
            return .refused(
                message: "\(failure): lower send_batch_max_size of the batch processor, or raise "
                    + "max_msg_size of the stream")
        }
        let text = "JetStream does not take a message on \(subject): \(failure)"
        // 4xx is about the message; 408, 429 and all else about the moment. An account that is full
        // answers 400, too, and may have room later.
        let isFinal =
            (400..<500).contains(failure.code) && failure.code != 408 && failure.code != 429
            && !JetStreamReply.Failure.limitsOfAccount.contains(failure.number)
        return isFinal ? .refused(message: text) : .retry(message: text)
    }

    /// A message that the server would not take, which would also cost the connection.
    package static func tooLarge(_ bytes: Int, _ most: Int) -> Outcome {
        .refused(
            message: "the message has \(bytes) bytes, and the server takes \(most) (max_payload): "
                + "lower send_batch_max_size of the batch processor, or raise max_payload of the "
                + "server")
    }
}
