import CWeir
import Glibc
import WeirConfig

/// A plugin whose code is in the process. It never leaves it: unloading a Swift library crashes the
/// host later, at an innocent place (docs/adr/0001-abi.md).
package final class PluginLibrary: Sendable {
    package let manifest: PluginManifest
    private let components: [ComponentTable]
    private let commands: [CommandTable]

    private init(
        manifest: PluginManifest, components: [ComponentTable], commands: [CommandTable]
    ) {
        self.manifest = manifest
        self.components = components
        self.commands = commands
    }

    /// A component's function table. It lives as long as the process.
    @safe struct ComponentTable: @unchecked Sendable {  // the table is immutable by contract
        let kind: ComponentKind
        let type: String
        let pointer: UnsafePointer<weir_component>
    }

    /// A command. It lives as long as the process.
    @safe struct CommandTable: @unchecked Sendable {  // the table is immutable by contract
        let name: String
        let pointer: UnsafePointer<weir_command>
    }

    func command(_ name: String) -> CommandTable? { commands.first { $0.name == name } }

    func table(_ kind: ComponentKind, _ type: String) -> ComponentTable? {
        components.first { $0.kind == kind && $0.type == type }
    }

    /// Loads the library and checks that its tables hold what its metadata says. All or nothing:
    /// what is wrong with one component is wrong with the plugin.
    ///
    /// - Parameter limit: how long its constructors and init() may take.
    package static func load(
        _ manifest: PluginManifest, limit: Duration = .seconds(10)
    ) throws(PluginLoadError) -> PluginLibrary {
        let path = manifest.path
        let outcome = ControlThread.run(limit: limit) {
            () -> Result<PluginLibrary, PluginLoadError> in
            do throws(PluginLoadError) {
                return .success(try open(manifest))
            } catch {
                return .failure(error)
            }
        }
        switch outcome {
        case .some(.success(let library)): return library
        case .some(.failure(let error)): throw error
        case .none:
            throw PluginLoadError(
                .hung, path,
                "did not come back from loading within \(limit): its constructors or init() hang. "
                    + "`weir plugin check` says more")
        }
    }

    private static func open(_ manifest: PluginManifest) throws(PluginLoadError) -> PluginLibrary {
        let path = manifest.path
        // RTLD_NODELETE: never unmapped, whatever happens.
        // A name without a slash would be looked for where the system keeps its libraries.
        let file = path.contains("/") ? path : "./" + path
        guard let handle = unsafe dlopen(file, RTLD_NOW | RTLD_LOCAL | Int32(RTLD_NODELETE)) else {
            let reason = unsafe dlerror().map { unsafe String(cString: $0) } ?? "unknown"
            throw PluginLoadError(
                .notLoadable, path,
                "cannot be loaded: \(reason). A missing library must be installed or lie beside it")
        }
        guard let symbol = unsafe dlsym(handle, "weir_plugin_main") else {
            throw PluginLoadError(
                .noEntry, path,
                "does not export weir_plugin_main: expected the entry of weir/plugin.h (WEIR_ENTRY), "
                    + "linked with sdk/weir-plugin.map")
        }
        typealias Main = @convention(c) () -> UnsafePointer<weir_plugin>?
        let main = unsafe unsafeBitCast(symbol, to: Main.self)
        guard let plugin = unsafe main() else {
            throw PluginLoadError(.badTable, path, "weir_plugin_main returned NULL")
        }
        let table = unsafe PluginTable(plugin: plugin, manifest: manifest)
        let components = try table.check()
        let commands = try table.commands()
        try unsafe initialise(plugin, path: path)
        return PluginLibrary(manifest: manifest, components: components, commands: commands)
    }

    private static func initialise(
        _ plugin: UnsafePointer<weir_plugin>, path: String
    ) throws(PluginLoadError) {
        guard let function = unsafe plugin.copied.`init` else { return }
        var error = weir_error.make()
        let status = unsafe function(PluginInitHost.shared.table, &error)
        guard status == Status.ok else {
            throw PluginLoadError(
                .initFailed, path, "init() failed: \(error.text(orStatus: status))")
        }
    }
}
