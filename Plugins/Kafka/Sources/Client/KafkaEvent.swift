import CKafka
import WeirSDK

/// One event of a client's queue; gives itself back when it goes.
@safe struct KafkaEvent: ~Copyable {
    let raw: OpaquePointer

    init(_ raw: OpaquePointer) { unsafe self.raw = raw }

    deinit { unsafe rd_kafka_event_destroy(raw) }

    /// One of `RD_KAFKA_EVENT_...`.
    var type: Int32 { unsafe rd_kafka_event_type(raw) }

    var code: rd_kafka_resp_err_t { unsafe rd_kafka_event_error(raw) }

    var failure: KafkaFailure {
        let text = unsafe rd_kafka_event_error_string(raw).map { unsafe String(cString: $0) }
        return KafkaFailure(code, text ?? "")
    }

    /// A line of librdkafka's log and its level, as syslog has them: 3 is an error, 7 for debugging.
    var line: (level: Int32, text: String)? {
        var facility: UnsafePointer<CChar>?
        var text: UnsafePointer<CChar>?
        var level: Int32 = 0
        guard unsafe rd_kafka_event_log(raw, &facility, &text, &level) == 0,
            let text = unsafe text, let facility = unsafe facility
        else { return nil }
        return unsafe (level, "\(String(cString: facility)): \(String(cString: text))")
    }

    /// The partitions that a rebalance or a commit is about, borrowed.
    @unsafe var partitions: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>? {
        unsafe rd_kafka_event_topic_partition_list(raw)
    }

    /// Calls `body` with each message, or each report about one.
    func forEachMessage(_ body: (borrowing KafkaMessage) -> Void) {
        while let message = unsafe rd_kafka_event_message_next(raw) {
            body(unsafe KafkaMessage(message))
        }
    }
}

/// A message that was read, or a report about one that was sent; borrowed from its event.
@safe struct KafkaMessage: ~Copyable {
    private let raw: UnsafePointer<rd_kafka_message_t>

    init(_ raw: UnsafePointer<rd_kafka_message_t>) { unsafe self.raw = raw }

    var code: rd_kafka_resp_err_t { unsafe raw.pointee.err }
    var offset: Int64 { unsafe raw.pointee.offset }
    /// What was given with it when it was sent.
    var token: UInt { unsafe UInt(bitPattern: raw.pointee._private) }

    var place: Place {
        unsafe Place(
            topic: raw.pointee.rkt.map { unsafe String(cString: rd_kafka_topic_name($0)) } ?? "",
            partition: raw.pointee.partition)
    }

    /// A copy of its bytes.
    var payload: [UInt8] {
        unsafe Array(
            UnsafeRawBufferPointer(start: raw.pointee.payload, count: raw.pointee.len))
    }

    var byteCount: Int { unsafe raw.pointee.len }

    /// Why it could not be sent or read.
    var failure: KafkaFailure {
        let text = unsafe rd_kafka_message_errstr(raw).map { unsafe String(cString: $0) }
        return KafkaFailure(code, text ?? "")
    }
}

/// A partition of a topic.
struct Place: Hashable, Sendable, CustomStringConvertible {
    var topic: String
    var partition: Int32
    var description: String { "\(topic)[\(partition)]" }

    init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }
}
