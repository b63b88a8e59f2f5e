import CKafka
import WeirSDK

/// A client of librdkafka, which tells all that happens as events of one queue.
///
/// Nothing of it calls back: one thread polls, everything else may be called on any thread until
/// ``destroy()``. This file and its neighbours are where the plugin uses unsafe pointers.
@safe final class KafkaClient: @unchecked Sendable {
    // Sendable: librdkafka's handles may be used on any thread, and these are constants.
    enum Kind { case producer, consumer }

    let raw: OpaquePointer
    let queue: OpaquePointer

    /// - Parameter events: `RD_KAFKA_EVENT_...` that are wanted beside errors and log lines.
    init(_ kind: Kind, _ properties: [Property], events: Int32) throws(ComponentError) {
        guard let configuration = unsafe rd_kafka_conf_new() else {
            throw .retry("librdkafka has no memory for a configuration")
        }
        var text = [CChar](repeating: 0, count: 512)
        do throws(ComponentError) {
            for property in properties {
                try unsafe KafkaClient.set(property, configuration, &text)
            }
        } catch {
            unsafe rd_kafka_conf_destroy(configuration)
            throw error
        }
        _ = unsafe rd_kafka_conf_set(configuration, "log.queue", "true", &text, text.count)
        unsafe rd_kafka_conf_set_events(
            configuration, events | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG)
        let type = kind == .producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER
        guard let raw = unsafe rd_kafka_new(type, configuration, &text, text.count) else {
            unsafe rd_kafka_conf_destroy(configuration)
            throw .invalid("librdkafka takes the settings not together: \(text.text)")
        }
        unsafe self.raw = raw
        if kind == .consumer { _ = unsafe rd_kafka_poll_set_consumer(raw) }
        unsafe queue =
            unsafe kind == .producer
            ? rd_kafka_queue_get_main(raw) : rd_kafka_queue_get_consumer(raw)
        _ = unsafe rd_kafka_set_log_queue(raw, queue)
    }

    private static func set(
        _ property: Property, _ configuration: OpaquePointer, _ text: inout [CChar]
    ) throws(ComponentError) {
        let result = unsafe rd_kafka_conf_set(
            configuration, property.key, property.value, &text, text.count)
        guard result != RD_KAFKA_CONF_OK else { return }
        // librdkafka's own text has the value, which may be a secret.
        let isSecret = ["password", "secret", "key.pem", "jaas"].contains {
            property.key.contains($0)
        }
        throw .invalid(
            "\(property.setting): librdkafka \(rd_kafka_version_text) does not take "
                + (isSecret ? "its value" : "'\(property.value)' (\(text.text))"))
    }

    /// Whether librdkafka takes these properties.
    static func check(_ kind: Kind, _ properties: [Property]) throws(ComponentError) {
        guard let configuration = unsafe rd_kafka_conf_new() else { return }
        defer { unsafe rd_kafka_conf_destroy(configuration) }
        var text = [CChar](repeating: 0, count: 512)
        for property in properties { try unsafe set(property, configuration, &text) }
    }

    /// The next event, or `nil` if none came in that time.
    func poll(milliseconds: Int) -> KafkaEvent? {
        unsafe rd_kafka_queue_poll(queue, Int32(clamping: milliseconds)).map {
            unsafe KafkaEvent($0)
        }
    }

    /// Ends a wait in ``poll(milliseconds:)``.
    func wake() { unsafe rd_kafka_queue_yield(queue) }

    /// Whether any broker answers in that time.
    func isAnswered(within milliseconds: Int32) -> Bool {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        guard
            unsafe rd_kafka_metadata(raw, 0, nil, &metadata, milliseconds)
                == RD_KAFKA_RESP_ERR_NO_ERROR
        else { return false }
        unsafe rd_kafka_metadata_destroy(metadata)
        return true
    }

    /// What made the client unusable, if anything did.
    var fatalError: KafkaFailure? {
        var text = [CChar](repeating: 0, count: 512)
        let code = unsafe rd_kafka_fatal_error(raw, &text, text.count)
        return code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaFailure(code, text.text)
    }

    /// Gives everything back. Once, when nothing else uses it any more.
    func destroy(closing: Bool = false) {
        unsafe rd_kafka_queue_destroy(queue)
        unsafe rd_kafka_destroy_flags(raw, closing ? 0 : RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
    }
}

private var rd_kafka_version_text: String { unsafe String(cString: rd_kafka_version_str()) }

extension [CChar] {
    /// The text before the first zero.
    fileprivate var text: String {
        String(decoding: prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
