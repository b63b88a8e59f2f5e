public import WeirSDK

public let plugin = Plugin(
    id: "weir.kafka", version: "0.1.0",
    components: [
        .sink("kafka", KafkaSink.self, [.runsConcurrently]),
        .receiver("kafka", KafkaReceiver.self),
    ])

@c(weir_plugin_kafka) public func weirPluginKafka() -> UnsafeRawPointer { unsafe plugin.table }
