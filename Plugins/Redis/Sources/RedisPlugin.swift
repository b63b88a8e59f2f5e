public import WeirSDK

public let plugin = Plugin(
    id: "weir.redis", version: "0.1.0", components: [.exporter("redis", RedisExporter.self)])

@c(weir_plugin_redis) public func weirPluginRedis() -> UnsafeRawPointer {
    unsafe plugin.table
}
