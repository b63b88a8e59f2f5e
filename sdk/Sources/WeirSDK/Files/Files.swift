import Glibc

/// What plugins ask of files and folders. Calls block for as long as the file system does. [any
/// thread]
public enum Files {
    /// A whole file.
    ///
    /// - Parameter limit: bytes that it may have.
    /// - Throws: `retry` if it cannot be read, `refused` if it is larger. The message begins with the
    ///   path and has nothing of what is in the file.
    public static func read(
        _ path: String, limit: Int = 4 << 20
    ) throws(ComponentError) -> [UInt8] {
        // A pipe that somebody put there must not make this wait.
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw .retry("\(path) cannot be read: \(systemError(errno))") }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: min(limit + 1, 16 << 10))
        while true {
            let count = unsafe Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw .retry("\(path) cannot be read: \(systemError(errno))")
            }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= limit else {
                throw .refused(
                    "\(path) has more than \(sizeText(limit)), which is not what it should hold")
            }
        }
    }

    /// The names in a folder, sorted, hidden ones included; not `.` and `..`.
    ///
    /// - Throws: `retry` if it cannot be listed.
    public static func names(in folder: String) throws(ComponentError) -> [String] {
        guard let stream = unsafe opendir(folder) else {
            throw .retry("\(folder) cannot be listed: \(systemError(errno))")
        }
        defer { unsafe _ = closedir(stream) }
        var names: [String] = []
        let offset = MemoryLayout<dirent>.offset(of: \dirent.d_name)!
        while let entry = unsafe readdir(stream) {
            let text = unsafe UnsafeRawPointer(entry) + offset
            let name = unsafe String(cString: text.assumingMemoryBound(to: CChar.self))
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}

private func sizeText(_ bytes: Int) -> String {
    if bytes >= 1 << 20, bytes % (1 << 20) == 0 { return "\(bytes >> 20) MiB" }
    return bytes >= 1 << 10 && bytes % (1 << 10) == 0 ? "\(bytes >> 10) KiB" : "\(bytes) bytes"
}
