import CKafka

/// What librdkafka says went wrong, with what to do about it.
struct KafkaFailure: Error, Sendable, Equatable {
    let code: rd_kafka_resp_err_t
    let text: String

    init(_ code: rd_kafka_resp_err_t, _ text: String = "") {
        self.code = code
        self.text = text
    }

    /// librdkafka's name of it: `_ALL_BROKERS_DOWN`.
    var name: String { unsafe String(cString: rd_kafka_err2name(code)) }

    var isFatal: Bool { code == RD_KAFKA_RESP_ERR__FATAL }

    var isUnknownTopic: Bool {
        code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC
            || code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION
    }

    /// Whether it is about connections, not about what is asked over them.
    var isConnection: Bool {
        [
            RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN,
            RD_KAFKA_RESP_ERR__RESOLVE, RD_KAFKA_RESP_ERR__AUTHENTICATION,
            RD_KAFKA_RESP_ERR__SSL, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
        ].contains(code)
    }

    var isTooLarge: Bool {
        code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE
            || code == RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE
    }

    /// Whether the same message would be refused again, whatever an operator does to the brokers'
    /// state meanwhile. Missing topics and rights are no such case: someone can add them.
    var isPermanent: Bool {
        isTooLarge
            || [
                RD_KAFKA_RESP_ERR_INVALID_RECORD, RD_KAFKA_RESP_ERR_INVALID_MSG,
                RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION,
            ].contains(code)
    }

    /// The sentence for people, without what to do.
    var summary: String {
        let said = text.isEmpty ? unsafe String(cString: rd_kafka_err2str(code)) : text
        return "\(said) (\(name))"
    }

    /// What to do, as far as that can be known.
    func advice(topic: String? = nil, group: String? = nil) -> String {
        switch code {
        case _ where isUnknownTopic:
            let topic = topic ?? "TOPIC"
            return "create it (kafka-topics.sh --create --topic \(topic) --partitions 6 "
                + "--replication-factor 3), or let the brokers do it (auto.create.topics.enable)"
        case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__TRANSPORT:
            return "check `brokers`, and that their advertised.listeners are reachable from here"
        case RD_KAFKA_RESP_ERR__RESOLVE: return "check the names in `brokers`"
        case RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
            return "check `auth`: user, password and mechanism, and whether that listener has TLS"
        case RD_KAFKA_RESP_ERR__SSL:
            return "check `tls.ca_file`, and whether that listener has TLS at all"
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
            return "give this user the right to \(group == nil ? "write" : "read") "
                + "topic \(topic ?? "in question") (kafka-acls.sh)"
        case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
            return "give this user the right to read group \(group ?? "in question") "
                + "(kafka-acls.sh --group), or set another `group_id`"
        case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
            return "give this user the right IdempotentWrite, or set `idempotent: false`"
        case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
            return "group \(group ?? "") has members with another `group_rebalance_strategy`: use "
                + "theirs, or another `group_id`"
        case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
            RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND:
            return "fewer replicas are in sync than the topic's min.insync.replicas: bring the "
                + "brokers back"
        case RD_KAFKA_RESP_ERR__FATAL, RD_KAFKA_RESP_ERR__FENCED:
            return "the client begins anew"
        default: return ""
        }
    }

    /// Both.
    func message(topic: String? = nil, group: String? = nil) -> String {
        let advice = advice(topic: topic, group: group)
        return summary + (advice.isEmpty ? "" : ": " + advice)
    }
}
