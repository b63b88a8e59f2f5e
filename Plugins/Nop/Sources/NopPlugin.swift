public import WeirSDK

public let plugin = Plugin(
    id: "weir.nop", version: "0.1.0",
    components: [
        .receiver("nop", NopReceiver.self),
        .sink("nop", NopSink.self, [.runsConcurrently]),
    ])

@c(weir_plugin_nop) public func weirPluginNop() -> UnsafeRawPointer { unsafe plugin.table }

/// Receives nothing.
final class NopReceiver: Receiver {
    init(settings: NoSettings, host: Host) {}
}

/// Takes everything and keeps nothing.
final class NopSink: Sink {
    init(settings: NoSettings, host: Host) {}

    func deliver(_ batch: Batch, _ delivery: Delivery) -> Outcome { .delivered() }
}
