import Glibc

/// How full a file system is.
struct FilesystemRoom: Sendable, Equatable {
    var size = 0.0
    var free = 0.0
    var available = 0.0
    var files: UInt64 = 0
    var filesFree: UInt64 = 0

    init() {}

    /// Asks the kernel. Blocks for as long as a server of network files does not answer.
    init?(at path: String) {
        var raw = statvfs()
        guard unsafe statvfs(path, &raw) == 0 else { return nil }
        let block = Double(raw.f_frsize)
        size = Double(raw.f_blocks) * block
        free = Double(raw.f_bfree) * block
        available = Double(raw.f_bavail) * block
        files = UInt64(raw.f_files)
        filesFree = UInt64(raw.f_ffree)
    }
}
