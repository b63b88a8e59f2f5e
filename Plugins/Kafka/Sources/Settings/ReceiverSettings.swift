import WeirSDK
import WeirTelemetry

struct ReceiverSettings: Decodable, Sendable {
    struct Autocommit: Decodable, Sendable {
        var enable = true
        var interval = Duration.seconds(1)
        init() {}
    }

    struct Marking: Decodable, Sendable {
        var after = true
        var onError = true
        init() {}
    }

    /// What is read: by signal.
    var sources: [Signal: TopicSettings]
    /// Whether someone named the signals that are to be read.
    var namesSignals: Bool
    var client: ClientSettings
    var groupID: String
    var groupInstanceID: String?
    var groupRebalanceStrategy: String
    var rackID: String?
    var initialOffset: String
    var sessionTimeout: Duration
    var heartbeatInterval: Duration
    var autocommit: Autocommit
    var messageMarking: Marking
    var maxUnacknowledged: ByteCount
    var minFetchSize: Int
    var defaultFetchSize: Int
    var maxFetchWait: Duration

    private enum CodingKeys: CodingKey {
        case brokers, clientID, auth, tls, librdkafka, traces, metrics, logs
        case groupID, groupInstanceID, groupRebalanceStrategy, rackID, initialOffset
        case sessionTimeout, heartbeatInterval, autocommit, messageMarking, maxUnacknowledged
        case minFetchSize, defaultFetchSize, maxFetchWait
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        client = ClientSettings(
            brokers: try values.decode([String].self, forKey: .brokers),
            clientID: try values.decode(String.self, forKey: .clientID),
            auth: try values.decodeIfPresent(AuthSettings.self, forKey: .auth),
            tls: try values.decodeIfPresent(TLSSettings.self, forKey: .tls),
            librdkafka: try values.decode([String: String].self, forKey: .librdkafka))
        let keys: [(Signal, CodingKeys, String)] = [
            (.traces, .traces, "otlp_spans"), (.metrics, .metrics, "otlp_metrics"),
            (.logs, .logs, "otlp_logs"),
        ]
        // A key without a value names its signal, too.
        let named = keys.filter { values.contains($0.1) }
        namesSignals = !named.isEmpty
        sources = [:]
        for (signal, key, topic) in namesSignals ? named : keys {
            sources[signal] =
                try values.decodeIfPresent(TopicSettings.self, forKey: key)
                ?? TopicSettings(topic: topic)
        }
        groupID = try values.decode(String.self, forKey: .groupID)
        groupInstanceID = try values.decodeIfPresent(String.self, forKey: .groupInstanceID)
        groupRebalanceStrategy = try values.decode(String.self, forKey: .groupRebalanceStrategy)
        rackID = try values.decodeIfPresent(String.self, forKey: .rackID)
        initialOffset = try values.decode(String.self, forKey: .initialOffset)
        sessionTimeout = try values.decode(Duration.self, forKey: .sessionTimeout)
        heartbeatInterval = try values.decode(Duration.self, forKey: .heartbeatInterval)
        autocommit =
            try values.decodeIfPresent(Autocommit.self, forKey: .autocommit) ?? Autocommit()
        messageMarking =
            try values.decodeIfPresent(Marking.self, forKey: .messageMarking) ?? Marking()
        maxUnacknowledged = try values.decode(ByteCount.self, forKey: .maxUnacknowledged)
        minFetchSize = try values.decode(Int.self, forKey: .minFetchSize)
        defaultFetchSize = try values.decode(Int.self, forKey: .defaultFetchSize)
        maxFetchWait = try values.decode(Duration.self, forKey: .maxFetchWait)
    }
}

extension ReceiverSettings {
    /// All that librdkafka is told, in this order: later ones win.
    var properties: [Property] {
        var list = client.properties
        list += [
            Property("group.id", groupID, of: "group_id"),
            Property("auto.offset.reset", initialOffset, of: "initial_offset"),
            Property(
                "partition.assignment.strategy", groupRebalanceStrategy,
                of: "group_rebalance_strategy"),
            Property("session.timeout.ms", milliseconds: sessionTimeout, of: "session_timeout"),
            Property(
                "heartbeat.interval.ms", milliseconds: heartbeatInterval, of: "heartbeat_interval"),
            Property("enable.auto.commit", "\(autocommit.enable)", of: "autocommit.enable"),
            Property(
                "auto.commit.interval.ms", milliseconds: autocommit.interval,
                of: "autocommit.interval"),
            Property("fetch.min.bytes", String(minFetchSize), of: "min_fetch_size"),
            Property("fetch.message.max.bytes", String(defaultFetchSize), of: "default_fetch_size"),
            Property("fetch.wait.max.ms", milliseconds: maxFetchWait, of: "max_fetch_wait"),
            // What librdkafka reads ahead; the default is 64 MiB.
            Property("queued.max.messages.kbytes", "16384", of: "max_unacknowledged"),
        ]
        if let groupInstanceID {
            list.append(Property("group.instance.id", groupInstanceID, of: "group_instance_id"))
        }
        if let rackID { list.append(Property("client.rack", rackID, of: "rack_id")) }
        list += client.ownProperties
        return list + [Property("enable.auto.offset.store", "false", of: "message_marking")]
    }
}
