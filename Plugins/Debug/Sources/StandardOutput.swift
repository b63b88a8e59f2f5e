import Glibc

/// A file descriptor that text is written to as a whole.
struct StandardOutput: Sendable {
    let descriptor: Int32

    /// Writes all; returns why not.
    func write(_ bytes: [UInt8]) -> String? {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(
                    descriptor, buffer.baseAddress! + written, buffer.count - written)
            }
            if count > 0 {
                written += count
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                // Someone else made the terminal or pipe non-blocking: wait until it takes more.
                var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = unsafe Glibc.poll(&poll, 1, 1000)
            case let code: return unsafe String(cString: strerror(code))
            }
        }
        return nil
    }
}
