import Glibc
import WeirSDK

/// What the plugin asks of directories.
enum Directory {
    /// Makes the directory and those above it that are missing.
    static func make(_ path: String, permissions: mode_t) throws(FileError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for step in path.split(separator: "/") {
            made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + step
            if unsafe mkdir(made, permissions) != 0, errno != EEXIST {
                throw FileError("make the directory", made, errno)
            }
        }
    }

    /// The names in a directory.
    static func names(in path: String) throws(FileError) -> [String] {
        do throws(ComponentError) {
            return try Files.names(in: path)
        } catch {
            throw FileError(error.message)
        }
    }

    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    static func rename(_ path: String, to other: String) throws(FileError) {
        if unsafe Glibc.rename(path, other) != 0 { throw FileError("rename", path, errno) }
    }

    static func remove(_ path: String) throws(FileError) {
        if unsafe unlink(path) != 0 { throw FileError("remove", path, errno) }
    }
}
