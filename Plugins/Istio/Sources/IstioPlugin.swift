public import WeirSDK

public let plugin = Plugin(
    id: "weir.istio", version: "0.1.0",
    components: [
        .exporter("istio", IstioExporter.self), .exporter("envoy", EnvoyExporter.self),
    ])

@c(weir_plugin_istio) public func weirPluginIstio() -> UnsafeRawPointer {
    unsafe plugin.table
}
