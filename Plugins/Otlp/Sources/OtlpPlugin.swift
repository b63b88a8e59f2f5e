public import WeirSDK

public let plugin = Plugin(
    id: "weir.otlp", version: "0.1.0",
    components: [
        .receiver("otlp", OTLPReceiver.self),
        .sink("otlp", GRPCSink.self, [.runsConcurrently]),
        .sink("otlphttp", HTTPSink.self, [.runsConcurrently]),
        .sink("loadbalancing", LoadBalancingSink.self, [.runsConcurrently]),
    ])

@c(weir_plugin_otlp) public func weirPluginOtlp() -> UnsafeRawPointer { unsafe plugin.table }
