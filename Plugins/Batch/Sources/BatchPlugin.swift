public import WeirSDK

public let plugin = Plugin(
    id: "weir.batch", version: "0.1.0",
    components: [.processor("batch", BatchProcessor.self, [.runsConcurrently])])

@c(weir_plugin_batch) public func weirPluginBatch() -> UnsafeRawPointer { unsafe plugin.table }
