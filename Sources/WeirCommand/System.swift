import Glibc
import WeirConfig

/// The few things that the command asks of the system.
enum System {
    static func environment(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    /// The path of this program's file.
    static let executable: String = {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe readlink(
                "/proc/self/exe", buffer.baseAddress!.assumingMemoryBound(to: CChar.self),
                buffer.count)
        }
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }()

    struct FileError: Error, CustomStringConvertible {
        let description: String
    }

    static func contents(of path: String) throws(FileError) -> [UInt8] {
        let descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw FileError(description: unsafe String(cString: strerror(errno)))
        }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var contents: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe read(descriptor, $0.baseAddress, $0.count)
            }
            if count == 0 { return contents }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw FileError(description: unsafe String(cString: strerror(errno)))
            }
            contents += chunk.prefix(count)
        }
    }

    /// Writes all of it; what cannot be written (a closed pipe) is left.
    static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while rest.count > 0 {
                let count = unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
                guard count > 0 || errno == EINTR else { return }
                if count > 0 {
                    unsafe rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
                }
            }
        }
    }

    /// - Parameter isPrivate: Only the owner may read it, if it is a new file.
    static func write(
        _ text: String, toFile path: String, isPrivate: Bool = false
    ) throws(FileError) {
        let descriptor = unsafe open(
            path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, isPrivate ? 0o600 : 0o644)
        guard descriptor >= 0 else {
            throw FileError(description: unsafe String(cString: strerror(errno)))
        }
        write(text, to: descriptor)
        close(descriptor)
    }

    /// The files that a shell's pattern names, in alphabetical order; none where there are none.
    static func files(matching pattern: String) -> [String] {
        var found = unsafe glob_t()
        defer { unsafe globfree(&found) }
        guard unsafe glob(pattern, 0, nil, &found) == 0 else { return [] }
        return (0..<Int(unsafe found.gl_pathc)).compactMap { index in
            unsafe found.gl_pathv[index].map { unsafe String(cString: $0) }
        }
    }

    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// What the container, or else the machine, has of memory, in bytes.
    static var memoryLimit: Int {
        let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        for path in ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"] {
            guard let bytes = try? contents(of: path),
                let limit = Int(String(decoding: bytes, as: UTF8.self).filter(\.isNumber)),
                limit > 0, limit < machine
            else { continue }
            return limit
        }
        return machine
    }
}

extension ServiceSettings {
    /// What telemetry in flight may hold, in bytes.
    var memoryBudget: Int { memoryLimit ?? System.memoryLimit / 10 * 8 }
}
