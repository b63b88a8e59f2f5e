public import WeirSDK

public let plugin = Plugin(
    id: "weir.postgresql", version: "0.1.0",
    components: [.exporter("postgresql", PostgresqlExporter.self)])

@c(weir_plugin_postgresql) public func weirPluginPostgresql() -> UnsafeRawPointer {
    unsafe plugin.table
}
