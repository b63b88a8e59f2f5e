import Glibc

/// Reads the small files of /proc and /sys whole, into one buffer that it keeps. One thread at a
/// time.
final class FileReader {
    /// What is larger than this is no file that a kernel writes.
    private static let limit = 8 << 20

    private var buffer = [UInt8](repeating: 0, count: 16 << 10)

    /// - Parameters:
    ///   - path: absolute, or relative to `folder`.
    ///   - folder: a descriptor.
    func read(_ path: String, in folder: Int32 = AT_FDCWD) throws(CollectorFailure) -> Text {
        // A pipe that somebody put there must not make this wait.
        let file = unsafe openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw CollectorFailure(path, errno) }
        defer { close(file) }
        var length = 0
        while true {
            if length == buffer.count {
                guard length < FileReader.limit else {
                    throw .failed("\(path) is larger than \(FileReader.limit) bytes")
                }
                buffer.append(contentsOf: repeatElement(0, count: buffer.count))
            }
            let got = unsafe buffer.withUnsafeMutableBytes {
                unsafe Glibc.read(file, $0.baseAddress! + length, $0.count - length)
            }
            if got < 0 {
                if errno == EINTR { continue }
                throw CollectorFailure(path, errno)
            }
            if got == 0 { break }
            length += got
        }
        return Text(Array(buffer[..<length]))
    }
}

/// Why a collector has nothing, or not all, to say.
enum CollectorFailure: Error {
    /// This machine has no such thing.
    case noData(String)
    case failed(String)

    init(_ path: String, _ code: Int32) {
        let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        self =
            code == ENOENT || code == ENOTDIR
            ? .noData("\(path): \(reason)") : .failed("\(path): \(reason)")
    }

    var message: String {
        switch self {
        case .noData(let text), .failed(let text): text
        }
    }
}
