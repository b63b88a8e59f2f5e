public import WeirSDK

public let plugin = Plugin(
    id: "weir.host", version: "0.1.0", components: [.exporter("host", HostExporter.self)])

@c(weir_plugin_host) public func weirPluginHost() -> UnsafeRawPointer { unsafe plugin.table }
