public import WeirSDK

public let plugin = Plugin(
    id: "weir.ffi", version: "0.1.0", components: [.exporter("ffi", FfiExporter.self)])

@c(weir_plugin_ffi) public func weirPluginFfi() -> UnsafeRawPointer { unsafe plugin.table }
