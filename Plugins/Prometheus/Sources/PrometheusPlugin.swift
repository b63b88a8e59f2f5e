public import WeirSDK

public let plugin = Plugin(
    id: "weir.prometheus", version: "0.1.0",
    components: [
        .receiver("prometheus", ScrapeReceiver.self),
        .receiver("prometheusremotewrite", RemoteWriteReceiver.self),
        .sink("prometheus", ExpositionSink.self),
        .sink("prometheusremotewrite", RemoteWriteSink.self, [.runsConcurrently]),
    ],
    commands: [.command("relabel", RelabelCommand.run)])

@c(weir_plugin_prometheus) public func weirPluginPrometheus() -> UnsafeRawPointer {
    unsafe plugin.table
}
