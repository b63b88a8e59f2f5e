import CWeir

/// The C tables of one plugin. They are written once, here, and live as long as the process.
@safe struct PluginTable: @unchecked Sendable {  // Sendable: nothing behind the pointer changes
    let pointer: UnsafePointer<weir_plugin>

    init(id: String, version: String, components: [Registration], commands: [Command]) {
        let tables = UnsafeMutablePointer<UnsafePointer<weir_component>?>.allocate(
            capacity: max(1, components.count))
        for (index, registration) in components.enumerated() {
            unsafe (tables + index).initialize(to: PluginTable.table(of: registration))
        }
        let commandTables = UnsafeMutablePointer<UnsafePointer<weir_command>?>.allocate(
            capacity: max(1, commands.count))
        for (index, command) in commands.enumerated() {
            unsafe (commandTables + index).initialize(to: PluginTable.table(of: command))
        }
        let plugin = UnsafeMutablePointer<weir_plugin>.allocate(capacity: 1)
        unsafe plugin.initialize(
            to: weir_plugin(
                size: UInt32(MemoryLayout<weir_plugin>.size), epoch: UInt32(WEIR_ABI_EPOCH),
                minor: UInt32(WEIR_ABI_MINOR), component_count: UInt32(components.count),
                id: PluginTable.text(id), version: PluginTable.text(version), components: tables,
                init: nil, commands: commandTables, command_count: UInt32(commands.count),
                reserved: 0))
        unsafe pointer = UnsafePointer(plugin)
    }

    private static func table(of registration: Registration) -> UnsafePointer<weir_component> {
        let consumes = registration.kind == .processor || registration.kind == .connector
        let component = UnsafeMutablePointer<weir_component>.allocate(capacity: 1)
        unsafe component.initialize(
            to: weir_component(
                size: UInt32(MemoryLayout<weir_component>.size), kind: registration.kind.rawValue,
                type: text(registration.type), capabilities: registration.capabilities.rawValue,
                reserved: 0,
                context: Unmanaged.passRetained(RegistrationBox(registration)).toOpaque(),
                create: Thunks.create, start: Thunks.start,
                drain: Thunks.drain, stop: Thunks.stop, destroy: Thunks.destroy,
                consume: consumes ? Thunks.consume : nil,
                deliver: registration.kind == .sink ? Thunks.deliver : nil,
                collect: registration.kind == .exporter ? Thunks.collect : nil, extension: nil))
        return unsafe UnsafePointer(component)
    }

    private static func table(of command: Command) -> UnsafePointer<weir_command> {
        let table = UnsafeMutablePointer<weir_command>.allocate(capacity: 1)
        unsafe table.initialize(
            to: weir_command(
                size: UInt32(MemoryLayout<weir_command>.size), reserved: 0,
                name: text(command.name),
                context: Unmanaged.passRetained(CommandBox(command)).toOpaque(),
                run: CommandBox.run))
        return unsafe UnsafePointer(table)
    }

    private static func text(_ string: String) -> UnsafePointer<CChar> {
        let bytes = string.utf8CString
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        for (index, byte) in bytes.enumerated() { unsafe (copy + index).initialize(to: byte) }
        return unsafe UnsafePointer(copy)
    }
}

/// What `weir_component.context` points to: C functions cannot be generic, so `create` finds the
/// Swift side through it.
final class RegistrationBox: Sendable {
    let registration: Registration
    init(_ registration: Registration) { self.registration = registration }
}

extension Plugin {
    /// The `weir_plugin` that the plugin's one exported function returns.
    public var table: UnsafeRawPointer { unsafe UnsafeRawPointer(bridge.pointer) }
}
