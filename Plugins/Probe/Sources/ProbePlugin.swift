public import WeirSDK

public let plugin = Plugin(
    id: "weir.probe", version: "0.1.0",
    components: [
        .exporter("probe", ProbeExporter.self),
        .exporter("certificates", CertificatesExporter.self),
    ])

@c(weir_plugin_probe) public func weirPluginProbe() -> UnsafeRawPointer { unsafe plugin.table }
