import Glibc

/// What is done with folders.
package enum Directory {
    /// Makes the folder, and those above it that are not there.
    package static func make(_ path: String) throws(StorageError) {
        if unsafe mkdir(path, 0o750) == 0 || errno == EEXIST {
            var status = stat()
            guard unsafe stat(path, &status) == 0 else {
                throw StorageError("look at", path, errno: errno)
            }
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw StorageError("use the folder", path, errno: ENOTDIR)
            }
            return
        }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw StorageError("make the folder", path, errno: errno)
        }
        try make(String(path[..<slash]))
        guard unsafe mkdir(path, 0o750) == 0 || errno == EEXIST else {
            throw StorageError("make the folder", path, errno: errno)
        }
    }

    /// Whether there is such a folder.
    package static func check(_ path: String) throws(StorageError) {
        _ = try OpenFile(path, O_RDONLY | O_DIRECTORY)
    }

    /// The names in a folder, sorted.
    static func names(in path: String) throws(StorageError) -> [String] {
        guard let folder = unsafe opendir(path) else {
            throw StorageError("read the folder", path, errno: errno)
        }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Makes names that were added to a folder or taken from it durable.
    static func sync(_ path: String) throws(StorageError) {
        let folder = try OpenFile(path, O_RDONLY | O_DIRECTORY)
        guard fsync(folder.descriptor) == 0 else {
            throw StorageError("sync the folder", path, errno: errno)
        }
    }

    /// A name for any id: what could mean something else in a path is written as %2F.
    package static func escaped(_ id: String) -> String {
        let hex = Array("0123456789ABCDEF")
        var name = ""
        for byte in id.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                name.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: ".") where !name.isEmpty:
                name.append(".")
            default:
                name += "%\(hex[Int(byte >> 4)])\(hex[Int(byte & 15)])"
            }
        }
        return name
    }
}
