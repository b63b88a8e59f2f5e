import Glibc

/// Why lines could not be written.
struct OutputError: Error {
    let text: String
}

/// A file that lines are appended to, or standard output.
final class LineOutput {
    private let descriptor: Int32
    private let path: String
    private let isFile: Bool

    init(_ path: String?) throws {
        isFile = path != nil
        self.path = path ?? "standard output"
        guard let path else {
            descriptor = 1
            return
        }
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw Self.failure("open", path) }
    }

    deinit { if isFile { close(descriptor) } }

    func write(_ bytes: [UInt8]) throws {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress! + done, $0.count - done)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure("write to", path) }
            done += count
        }
    }

    /// Puts what was written on stable storage, where that means something.
    func sync() throws {
        guard !isFile || fdatasync(descriptor) == 0 else { throw Self.failure("sync", path) }
    }

    private static func failure(_ what: String, _ path: String) -> OutputError {
        OutputError(text: unsafe "cannot \(what) \(path): \(String(cString: strerror(errno)))")
    }
}
