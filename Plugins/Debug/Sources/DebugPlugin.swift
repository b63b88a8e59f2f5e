public import WeirSDK

public let plugin = Plugin(
    id: "weir.debug", version: "0.1.0",
    components: [.sink("debug", DebugSink.self, [.mayBlock])])

@c(weir_plugin_debug) public func weirPluginDebug() -> UnsafeRawPointer { unsafe plugin.table }
