public import WeirSDK

public let plugin = Plugin(
    id: "weir.vault", version: "0.1.0",
    components: [.exporter("vault", VaultExporter.self)])

@c(weir_plugin_vault) public func weirPluginVault() -> UnsafeRawPointer {
    unsafe plugin.table
}
