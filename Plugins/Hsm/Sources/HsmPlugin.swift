public import WeirSDK

public let plugin = Plugin(
    id: "weir.hsm", version: "0.1.0", components: [.exporter("hsm", HsmExporter.self)])

@c(weir_plugin_hsm) public func weirPluginHsm() -> UnsafeRawPointer { unsafe plugin.table }
