import WeirSDK
import WeirTelemetry

/// What the key of a message is.
enum Partitioning: String, Decodable, Sendable {
    case none
    case traceID = "trace_id"
    case resource
}

struct SinkSettings: Decodable, Sendable {
    var client: ClientSettings
    private var topics: [TopicSettings]
    var timeout: Duration
    private var partitionings: [Partitioning]
    var idempotent: Bool?
    var producer: ProducerSettings

    func topic(of signal: Signal) -> TopicSettings { topics[Int(signal.rawValue) - 1] }

    func partitioning(of signal: Signal) -> Partitioning {
        partitionings[Int(signal.rawValue) - 1]
    }

    private enum CodingKeys: CodingKey {
        case brokers, clientID, auth, tls, librdkafka
        case traces, metrics, logs, timeout, partitionBy, idempotent, producer
        case partitionTracesByID, partitionMetricsByResourceAttributes
        case partitionLogsByResourceAttributes, partitionLogsByTraceID
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        client = ClientSettings(
            brokers: try values.decode([String].self, forKey: .brokers),
            clientID: try values.decode(String.self, forKey: .clientID),
            auth: try values.decodeIfPresent(AuthSettings.self, forKey: .auth),
            tls: try values.decodeIfPresent(TLSSettings.self, forKey: .tls),
            librdkafka: try values.decode([String: String].self, forKey: .librdkafka))
        topics = [
            try values.decodeIfPresent(TopicSettings.self, forKey: .traces)
                ?? TopicSettings(topic: "otlp_spans"),
            try values.decodeIfPresent(TopicSettings.self, forKey: .metrics)
                ?? TopicSettings(topic: "otlp_metrics"),
            try values.decodeIfPresent(TopicSettings.self, forKey: .logs)
                ?? TopicSettings(topic: "otlp_logs"),
        ]
        timeout = try values.decode(Duration.self, forKey: .timeout)
        let all = try values.decode(Partitioning.self, forKey: .partitionBy)
        func alias(_ key: CodingKeys) throws -> Bool { try values.decode(Bool.self, forKey: key) }
        let traces = try alias(.partitionTracesByID)
        let metrics = try alias(.partitionMetricsByResourceAttributes)
        let logsByResource = try alias(.partitionLogsByResourceAttributes)
        let logsByTrace = try alias(.partitionLogsByTraceID)
        partitionings = [
            traces ? .traceID : all, metrics ? .resource : all,
            logsByResource ? .resource : logsByTrace ? .traceID : all,
        ]
        idempotent = try values.decodeIfPresent(Bool.self, forKey: .idempotent)
        producer =
            try values.decodeIfPresent(ProducerSettings.self, forKey: .producer)
            ?? ProducerSettings()
    }
}

struct ProducerSettings: Decodable, Sendable {
    struct Compression: Decodable, Sendable {
        var level = -1
    }

    var maxMessageBytes = 1_000_000
    var requiredAcks = -1
    var compression = "none"
    var compressionParams: Compression?
    var flushMaxMessages = 10_000
    var linger = Duration.milliseconds(5)

    init() {}
}

extension SinkSettings {
    /// All that librdkafka is told, in this order: later ones win.
    var properties: [Property] {
        let acks = producer.requiredAcks
        var list = client.properties
        list += [
            Property(
                "enable.idempotence", idempotent ?? (acks == -1) ? "true" : "false",
                of: "idempotent"),
            Property("acks", String(acks), of: "producer.required_acks"),
            Property(
                "message.max.bytes", String(producer.maxMessageBytes),
                of: "producer.max_message_bytes"),
            Property("compression.codec", producer.compression, of: "producer.compression"),
            Property(
                "compression.level", String(producer.compressionParams?.level ?? -1),
                of: "producer.compression_params.level"),
            Property(
                "batch.num.messages", String(producer.flushMaxMessages),
                of: "producer.flush_max_messages"),
            Property("linger.ms", milliseconds: producer.linger, of: "producer.linger"),
            Property("message.timeout.ms", milliseconds: timeout, of: "timeout"),
            // A batch of many traces is many messages; its bytes are what is bounded.
            Property("queue.buffering.max.messages", "0", of: "producer"),
            // What Kafka's own clients do, so that a key is in the same partition whoever wrote it.
            Property("partitioner", "murmur2_random", of: "partition_by"),
        ]
        return list + client.ownProperties
    }
}
