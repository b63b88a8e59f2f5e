public import WeirSDK

public let plugin = Plugin(
    id: "weir.nats", version: "0.1.0",
    components: [
        .receiver("nats", NatsReceiver.self),
        .sink("nats", NatsSink.self, [.runsConcurrently]),
    ])

@c(weir_plugin_nats) public func weirPluginNats() -> UnsafeRawPointer { unsafe plugin.table }
