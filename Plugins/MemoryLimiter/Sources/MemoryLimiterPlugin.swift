public import WeirSDK

public let plugin = Plugin(
    id: "weir.memory-limiter", version: "0.1.0",
    components: [
        .processor(
            "memory_limiter", MemoryLimiter<SystemMemory>.self, [.runsConcurrently])
    ])

@c(weir_plugin_memory_limiter) public func weirPluginMemoryLimiter() -> UnsafeRawPointer {
    unsafe plugin.table
}
