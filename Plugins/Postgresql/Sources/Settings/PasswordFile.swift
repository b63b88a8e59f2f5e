import Glibc

/// The first line of a file. The error names the file and nothing of what is in it.
func readPassword(_ path: String) throws(PostgresError) -> String {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw unreadable(path) }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe read(descriptor, &bytes, bytes.count)
    guard count >= 0 else { throw unreadable(path) }
    let line = bytes.prefix(count).prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    return String(decoding: line, as: UTF8.self)
}

private func unreadable(_ path: String) -> PostgresError {
    PostgresError(
        .authentication,
        "password_file \(path) cannot be read: \(unsafe String(cString: strerror(errno)))")
}
