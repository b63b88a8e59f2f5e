package import CKafka

/// A cluster of brokers that librdkafka plays in this process, on ports of 127.0.0.1.
@safe package final class MockBrokers: @unchecked Sendable {
    // Sendable: librdkafka's handles may be used on any thread.
    private let client: OpaquePointer
    private let cluster: OpaquePointer

    package init(_ count: Int = 1) {
        var text = [CChar](repeating: 0, count: 512)
        let configuration = unsafe rd_kafka_conf_new()
        _ = unsafe rd_kafka_conf_set(configuration, "log_level", "0", &text, text.count)
        unsafe client = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &text, text.count)!
        unsafe cluster = rd_kafka_mock_cluster_new(client, Int32(count))!
    }

    deinit {
        unsafe rd_kafka_mock_cluster_destroy(cluster)
        unsafe rd_kafka_destroy(client)
    }

    /// `127.0.0.1:1234,127.0.0.1:1235`
    package var addresses: String {
        unsafe String(cString: rd_kafka_mock_cluster_bootstraps(cluster))
    }

    package func createTopic(_ name: String, partitions: Int = 4) {
        _ = unsafe rd_kafka_mock_topic_create(cluster, name, Int32(partitions), 1)
    }

    /// What the brokers say of a topic from now on.
    package func setError(_ code: rd_kafka_resp_err_t, ofTopic name: String) {
        unsafe rd_kafka_mock_topic_set_error(cluster, name, code)
    }

    /// The next requests of this kind fail so, one after the other. Produce is 0, Fetch 1.
    package func fail(_ request: Int16, with codes: [rd_kafka_resp_err_t]) {
        unsafe rd_kafka_mock_push_request_errors_array(cluster, request, codes.count, codes)
    }

    /// The next so many writes are refused for a reason that passes.
    package func refuseWrites(_ count: Int) {
        fail(0, with: Array(repeating: RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, count: count))
    }

    package func setLeader(of topic: String, _ partition: Int, to broker: Int) {
        _ = unsafe rd_kafka_mock_partition_set_leader(
            cluster, topic, Int32(partition), Int32(broker))
    }

    package func setDown(_ broker: Int) {
        _ = unsafe rd_kafka_mock_broker_set_down(cluster, Int32(broker))
    }

    package func setUp(_ broker: Int) {
        _ = unsafe rd_kafka_mock_broker_set_up(cluster, Int32(broker))
    }

    /// How long each answer of a broker takes.
    package func setDelay(_ broker: Int, milliseconds: Int) {
        _ = unsafe rd_kafka_mock_broker_set_rtt(cluster, Int32(broker), Int32(milliseconds))
    }
}
