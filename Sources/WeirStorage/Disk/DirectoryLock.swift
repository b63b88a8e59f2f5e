import Glibc

/// Keeps two processes, and two parts of one, out of the same folder. Ends with the process.
final class DirectoryLock: Sendable {
    private let file: OpenFile

    /// - Parameter waitNano: how long to wait for a holder that may be about to end.
    init(_ directory: String, waitNano: UInt64) throws(StorageError) {
        file = try OpenFile("\(directory)/lock", O_RDWR | O_CREAT)
        var left = waitNano
        while flock(file.descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            guard errno == EWOULDBLOCK else {
                throw StorageError("lock", file.path, errno: errno)
            }
            guard left > 0 else { throw Self.held(directory, by: file) }
            let step = min(left, 10_000_000)
            usleep(useconds_t(step / 1000))
            left -= step
        }
        let pid = Array("\(getpid())\n".utf8)
        _ = ftruncate(file.descriptor, 0)
        _ = unsafe pid.withUnsafeBytes {
            unsafe pwrite(file.descriptor, $0.baseAddress, $0.count, 0)
        }
    }

    /// Lets others in. Also happens with the last reference.
    func release() { flock(file.descriptor, LOCK_UN) }

    private static func held(_ directory: String, by file: OpenFile) -> StorageError {
        let text = (try? file.read(16, at: 0)).map { String(decoding: $0, as: UTF8.self) }
        let pid = text?.split(separator: "\n").first.flatMap { Int32($0) }
        let holder = pid.map { "the process \($0)" } ?? "another process"
        return StorageError(
            .inUse,
            "\(directory) is used by \(holder), expected to have it alone: end that process, or "
                + "give each its own directory")
    }
}
