import CWeir
import WeirConfig

/// Holds the tables that weir_plugin_main returned against the plugin's metadata.
@safe struct PluginTable {
    let plugin: UnsafePointer<weir_plugin>
    let manifest: PluginManifest

    /// What lies behind it came later; plugins may be without.
    private static var leastSize: UInt32 {
        unsafe UInt32(MemoryLayout<weir_plugin>.offset(of: \weir_plugin.commands)!)
    }

    func check() throws(PluginLoadError) -> [PluginLibrary.ComponentTable] {
        let size = Self.leastSize
        let given = unsafe plugin.pointee.size
        guard given >= size else {
            throw bad(
                "its weir_plugin is \(given) bytes, expected at least \(size): write "
                    + "sizeof(weir_plugin) into `size`, or rebuild it with this host's sdk")
        }
        let table = unsafe plugin.copied
        guard unsafe table.epoch == PluginABI.epoch else {
            throw PluginLoadError(
                .wrongEpoch, manifest.path,
                unsafe "its table has ABI epoch \(table.epoch), this host has \(PluginABI.epoch)")
        }
        let id = unsafe table.id.map { unsafe String(cString: $0) } ?? "(NULL)"
        guard id == manifest.id else {
            throw bad("its table has id \"\(id)\", its metadata \"\(manifest.id)\"")
        }
        guard let list = unsafe table.components else { throw bad("`components` is NULL") }
        var found: [PluginLibrary.ComponentTable] = []
        for index in unsafe 0..<Int(table.component_count) {
            guard let pointer = unsafe list[index] else {
                throw bad("components[\(index)] is NULL")
            }
            let component = try unsafe self.component(pointer, at: index)
            if found.contains(where: { $0.kind == component.kind && $0.type == component.type }) {
                throw PluginLoadError(
                    .duplicate, manifest.path,
                    "registers the \(component.kind) \"\(component.type)\" twice: keep one of them")
            }
            found.append(component)
        }
        for declared in manifest.components
        where !found.contains(where: { $0.kind == declared.kind && $0.type == declared.type }) {
            throw bad(
                "its metadata declares the \(declared.kind) \"\(declared.type)\", "
                    + "its table does not have it")
        }
        return found
    }

    private func component(
        _ pointer: UnsafePointer<weir_component>, at index: Int
    ) throws(PluginLoadError) -> PluginLibrary.ComponentTable {
        let size = unsafe UInt32(MemoryLayout<weir_component>.size)
        guard unsafe pointer.pointee.size >= size else {
            throw bad(
                "components[\(index)] is \(unsafe pointer.pointee.size) bytes, expected at least "
                    + "\(size): write sizeof(weir_component) into `size`, or rebuild it with this "
                    + "host's sdk")
        }
        let table = unsafe pointer.pointee
        guard let kind = unsafe ComponentKind(abi: table.kind), let name = unsafe table.type else {
            throw bad(
                unsafe "components[\(index)] has kind \(table.kind), expected 1 to 6, and a type")
        }
        let type = unsafe String(cString: name)
        guard manifest.components.contains(where: { $0.kind == kind && $0.type == type }) else {
            throw bad("its table has the \(kind) \"\(type)\", its metadata does not declare it")
        }
        var missing: [String] = []
        if unsafe table.create == nil { missing.append("create") }
        if unsafe table.start == nil { missing.append("start") }
        if unsafe table.stop == nil { missing.append("stop") }
        if unsafe table.destroy == nil { missing.append("destroy") }
        switch kind {
        case .processor, .connector: if unsafe table.consume == nil { missing.append("consume") }
        case .sink: if unsafe table.deliver == nil { missing.append("deliver") }
        case .exporter: if unsafe table.collect == nil { missing.append("collect") }
        case .receiver, .extension: break
        }
        guard missing.isEmpty else {
            throw bad(
                "the \(kind) \"\(type)\" has NULL for \(missing.joined(separator: ", ")), "
                    + "which every \(kind) must have")
        }
        return unsafe PluginLibrary.ComponentTable(kind: kind, type: type, pointer: pointer)
    }

    /// The commands, held against the metadata.
    func commands() throws(PluginLoadError) -> [PluginLibrary.CommandTable] {
        let table = unsafe plugin.copied
        var found: [PluginLibrary.CommandTable] = []
        for index in unsafe 0..<Int(table.command_count) {
            guard let pointer = unsafe table.commands?[index],
                unsafe pointer.pointee.size >= UInt32(MemoryLayout<weir_command>.size),
                let name = unsafe pointer.pointee.name.map({ unsafe String(cString: $0) }),
                unsafe pointer.pointee.run != nil
            else {
                throw bad("commands[\(index)] is NULL, too short, or has NULL for name or run")
            }
            guard manifest.commands.contains(where: { $0.name == name }) else {
                throw bad(
                    "its table has the command \"\(name)\", its metadata does not declare it")
            }
            found.append(unsafe PluginLibrary.CommandTable(name: name, pointer: pointer))
        }
        for declared in manifest.commands
        where !found.contains(where: { $0.name == declared.name }) {
            throw bad(
                "its metadata declares the command \"\(declared.name)\", its table does not have it"
            )
        }
        return found
    }

    private func bad(_ reason: String) -> PluginLoadError {
        PluginLoadError(.badTable, manifest.path, reason)
    }
}

extension ComponentKind {
    /// The kind by its number in weir/component.h.
    init?(abi: UInt32) {
        switch abi {
        case 1: self = .receiver
        case 2: self = .exporter
        case 3: self = .processor
        case 4: self = .connector
        case 5: self = .sink
        case 6: self = .extension
        default: return nil
        }
    }
}
