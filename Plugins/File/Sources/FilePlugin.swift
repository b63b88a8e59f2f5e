public import WeirSDK

public let plugin = Plugin(
    id: "weir.file", version: "0.1.0",
    components: [.sink("file", FileSink.self, [.mayBlock])])

@c(weir_plugin_file) public func weirPluginFile() -> UnsafeRawPointer { unsafe plugin.table }
