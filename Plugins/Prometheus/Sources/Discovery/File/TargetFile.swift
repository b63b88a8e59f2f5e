import Glibc
import WeirSDK

/// Files as the operating system has them.
enum TargetFile {
    /// What changes whenever a file is written or replaced.
    struct Stamp: Equatable, Sendable {
        var device: UInt64
        var inode: UInt64
        var size: Int64
        var seconds: Int
        var nanoseconds: Int

        /// `nil` if there is no such file.
        init?(_ path: String) {
            var info = stat()
            guard unsafe stat(path, &info) == 0 else { return nil }
            device = UInt64(info.st_dev)
            inode = UInt64(info.st_ino)
            size = Int64(info.st_size)
            seconds = info.st_mtim.tv_sec
            nanoseconds = info.st_mtim.tv_nsec
        }
    }

    /// Where relative paths begin.
    static var folder: String {
        guard let path = unsafe getcwd(nil, 0) else { return "?" }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }

    /// The paths that match a pattern, in order; none if nothing does.
    static func matching(_ pattern: String) -> [String] {
        var found = unsafe glob_t()
        defer { unsafe globfree(&found) }
        guard unsafe glob(pattern, GLOB_PERIOD, nil, &found) == 0 else { return [] }
        return unsafe (0..<Int(found.gl_pathc)).compactMap { index in
            unsafe found.gl_pathv[index].map { unsafe String(cString: $0) }
        }
    }

    /// The whole file, at most `limit` bytes. Throws `refused` with the reason.
    static func read(_ path: String, limit: Int = 64 << 20) throws(ComponentError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw unreadable(path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
            guard count >= 0 else { throw unreadable(path) }
            if count == 0 { return bytes }
            bytes += chunk.prefix(count)
            guard bytes.count <= limit else {
                throw .refused("\(path) has more than \(limit >> 20) MiB")
            }
        }
    }

    private static func unreadable(_ path: String) -> ComponentError {
        .refused("\(path) cannot be read: \(unsafe String(cString: strerror(errno)))")
    }
}
