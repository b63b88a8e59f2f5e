import WeirJSON
import WeirPrometheus
import WeirSDK

/// The settings of the sink: those of the client, the Collector's keys for remote write and
/// Prometheus' keys of `remote_write`.
struct RemoteWriteSinkSettings: Decodable, Sendable {
    /// With `compression: snappy`, which is what the protocol has.
    let client: HostSettings
    let endpoint: String
    var message = RemoteWriteMessage.v1
    var translation = TranslationOptions()
    var relabelRules: [RelabelRule] = []
    /// How often metadata are sent by 1.0; `nil`: never.
    var metadataInterval: Duration?
    var sendsExemplars = true
    var sendsNativeHistograms = true
    var queue = QueueSettings()
    var retry = RetrySettings()
    var maxBatchBytes = 3_000_000

    private enum Keys: CodingKey {
        case endpoint, compression, protobufMessage, namespace, externalLabels, addMetricSuffixes
        case translationStrategy, targetInfo, resourceToTelemetryConversion, writeRelabelConfigs
        case sendMetadata, metadataConfig, sendExemplars, sendNativeHistograms, maxBatchSizeBytes
        case remoteWriteQueue, queueConfig, retryOnFailure
    }

    private struct Conversion: Decodable {
        var enabled: Bool?
        var excludeServiceAttributes: Bool?
    }

    private struct TargetInfo: Decodable { var enabled: Bool? }
    private struct MetadataConfig: Decodable {
        var send: Bool?
        var sendInterval: Duration?
    }

    init(from decoder: any Decoder) throws {
        let own = try decoder.container(keyedBy: Keys.self)
        endpoint = try own.decodeIfPresent(String.self, forKey: .endpoint) ?? ""
        _ = try own.decodeIfPresent(String.self, forKey: .compression)
        let members = try HostSettings(from: decoder).json.objectValue ?? []
        client = HostSettings(
            .object(
                members.filter { $0.key != "compression" }
                    + [JSONMember("compression", .string("snappy"))]))
        message =
            try own.decodeIfPresent(RemoteWriteMessage.self, forKey: .protobufMessage) ?? message
        relabelRules =
            try own.decodeIfPresent([RelabelRule].self, forKey: .writeRelabelConfigs) ?? []
        sendsExemplars = try own.decodeIfPresent(Bool.self, forKey: .sendExemplars) ?? true
        sendsNativeHistograms =
            try own.decodeIfPresent(Bool.self, forKey: .sendNativeHistograms) ?? true
        if let size = try own.decodeIfPresent(ByteCount.self, forKey: .maxBatchSizeBytes) {
            maxBatchBytes = max(1, size.bytes)
        }
        retry = try own.decodeIfPresent(RetrySettings.self, forKey: .retryOnFailure) ?? retry
        queue = try own.decodeIfPresent(QueueSettings.self, forKey: .queueConfig) ?? queue
        let senders = try own.decodeIfPresent(SenderSettings.self, forKey: .remoteWriteQueue)
        if let count = senders?.numConsumers { queue.maxShards = max(1, count) }
        retry.adopt(queue)
        try decodeMetadata(own)
        try decodeTranslation(own)
    }

    private mutating func decodeMetadata(_ own: KeyedDecodingContainer<Keys>) throws {
        let config = try own.decodeIfPresent(MetadataConfig.self, forKey: .metadataConfig)
        let isWanted = try own.decodeIfPresent(Bool.self, forKey: .sendMetadata) ?? true
        if isWanted, config?.send ?? true {
            metadataInterval = config?.sendInterval ?? .seconds(60)
        }
    }

    private mutating func decodeTranslation(_ own: KeyedDecodingContainer<Keys>) throws {
        translation.namespace = try own.decodeIfPresent(String.self, forKey: .namespace) ?? ""
        let labels = try own.decodeIfPresent([String: String].self, forKey: .externalLabels) ?? [:]
        translation.constantLabels = labels.map { Label($0.key, $0.value) }.sorted {
            $0.name < $1.name
        }
        let conversion = try own.decodeIfPresent(
            Conversion.self, forKey: .resourceToTelemetryConversion)
        translation.resourceToTelemetryConversion = conversion?.enabled ?? false
        translation.excludesServiceAttributes = conversion?.excludeServiceAttributes ?? false
        translation.targetInfo =
            try own.decodeIfPresent(TargetInfo.self, forKey: .targetInfo)?.enabled ?? true
        if try own.decodeIfPresent(Bool.self, forKey: .addMetricSuffixes) == false {
            translation.strategy = .underscoreEscapingWithoutSuffixes
        }
        if let strategy = try own.decodeIfPresent(
            TranslationStrategy.self, forKey: .translationStrategy)
        {
            translation.strategy = strategy
        }
    }
}
