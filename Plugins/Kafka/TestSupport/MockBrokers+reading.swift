import CKafka

/// A message as it lies in a topic.
package struct StoredMessage: Sendable {
    package var key: String
    package var partition: Int
    package var offset: Int64
    package var bytes: [UInt8]
}

extension MockBrokers {
    /// All messages of a topic from its beginning, once there are as many; fewer after ten seconds.
    /// Blocks.
    package func read(_ topic: String, count: Int) -> [StoredMessage] {
        var text = [CChar](repeating: 0, count: 512)
        let configuration = unsafe rd_kafka_conf_new()
        for (key, value) in [
            ("bootstrap.servers", addresses), ("group.id", "reader-\(topic)"),
            ("auto.offset.reset", "earliest"), ("enable.auto.commit", "false"),
            ("log_level", "0"),
        ] {
            _ = unsafe rd_kafka_conf_set(configuration, key, value, &text, text.count)
        }
        let reader = unsafe rd_kafka_new(RD_KAFKA_CONSUMER, configuration, &text, text.count)!
        defer { unsafe rd_kafka_destroy(reader) }
        let list = unsafe rd_kafka_topic_partition_list_new(4)!
        for partition in 0..<Int32(4) {
            let element = unsafe rd_kafka_topic_partition_list_add(list, topic, partition)!
            unsafe element.pointee.offset = Int64(RD_KAFKA_OFFSET_BEGINNING)
        }
        _ = unsafe rd_kafka_assign(reader, list)
        unsafe rd_kafka_topic_partition_list_destroy(list)
        var messages: [StoredMessage] = []
        var attempts = 0
        while messages.count < count, attempts < 100 {
            guard let message = unsafe rd_kafka_consumer_poll(reader, 100) else {
                attempts += 1
                continue
            }
            if unsafe message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR {
                unsafe messages.append(StoredMessage(message.pointee))
            }
            unsafe rd_kafka_message_destroy(message)
        }
        return messages
    }

    /// The offset that a group has committed, by partition; those with none are left out. Blocks.
    package func committed(_ group: String, _ topic: String, partitions: Int) -> [Int: Int64] {
        var text = [CChar](repeating: 0, count: 512)
        let configuration = unsafe rd_kafka_conf_new()
        for (key, value) in [
            ("bootstrap.servers", addresses), ("group.id", group), ("log_level", "0"),
        ] {
            _ = unsafe rd_kafka_conf_set(configuration, key, value, &text, text.count)
        }
        let reader = unsafe rd_kafka_new(RD_KAFKA_CONSUMER, configuration, &text, text.count)!
        defer { unsafe rd_kafka_destroy(reader) }
        let list = unsafe rd_kafka_topic_partition_list_new(Int32(partitions))!
        defer { unsafe rd_kafka_topic_partition_list_destroy(list) }
        for partition in 0..<partitions {
            unsafe rd_kafka_topic_partition_list_add(list, topic, Int32(partition))
        }
        _ = unsafe rd_kafka_committed(reader, list, 5000)
        var offsets: [Int: Int64] = [:]
        for index in unsafe 0..<Int(list.pointee.cnt) {
            let element = unsafe list.pointee.elems[index]
            if unsafe element.offset >= 0 {
                unsafe offsets[Int(element.partition)] = element.offset
            }
        }
        return offsets
    }
}

extension StoredMessage {
    fileprivate init(_ message: rd_kafka_message_t) {
        unsafe key = String(
            decoding: UnsafeRawBufferPointer(start: message.key, count: message.key_len),
            as: UTF8.self)
        unsafe partition = Int(message.partition)
        unsafe offset = message.offset
        unsafe bytes = Array(UnsafeRawBufferPointer(start: message.payload, count: message.len))
    }
}
