import Glibc

/// Finds plugins: each `*.so` in a list of folders, in this order:
/// what the user names, `WEIR_PLUGIN_PATH` (colon-separated), and `lib/weir/plugins` beside `bin`.
package enum PluginDirectory {
    package static func searchPath(
        named: [String], environment: String?, executable: String
    ) -> [String] {
        var folders = named
        folders += environment?.split(separator: ":").map(String.init) ?? []
        let bin = executable.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        let prefix = bin.dropLast().joined(separator: "/")
        folders.append(prefix + "/lib/weir/plugins")
        // A folder that is named twice, or by two paths, is one: its plugins are not in each other's
        // way.
        var known: Set<String> = []
        return folders.filter { known.insert(resolved($0)).inserted }
    }

    /// Without links and relative parts; a path that leads nowhere as it is.
    private static func resolved(_ path: String) -> String {
        guard let real = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }

    /// The absolute paths of the libraries in a folder, by name. A folder that is not there has none.
    package static func libraries(in folder: String) -> [String] {
        guard let directory = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name.hasSuffix(".so") { names.append(name) }
        }
        let root = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        return names.sorted().map { root + "/" + $0 }
    }
}
