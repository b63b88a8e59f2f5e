public import WeirSDK

public let plugin = Plugin(
    id: "weir.health-check", version: "0.1.0",
    components: [.extension("health_check", HealthCheck.self)])

@c(weir_plugin_health_check) public func weirPluginHealthCheck() -> UnsafeRawPointer {
    unsafe plugin.table
}
