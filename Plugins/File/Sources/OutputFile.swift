import Glibc
import WeirSDK

/// One open file. What is appended to it is there as a whole or not at all.
///
/// This file is where the plugin uses unsafe pointers: `writev` takes nothing else.
struct OutputFile {
    let path: String
    /// A file that has a size and can be cut; not a pipe, a terminal or a device.
    let isRegular: Bool
    private let descriptor: Int32
    /// The rest of a record that could not be taken back; it goes before the next one.
    private var unfinished: [UInt8] = []

    /// Opens or makes a file; with `truncating`, empties it, if it is one that has a size.
    init(path: String, truncating: Bool) throws(FileError) {
        self.path = path
        switch path {
        // Opening these anew would fail for a socket and begin at 0 for a file.
        case "/dev/stdout": descriptor = fcntl(1, F_DUPFD_CLOEXEC, 3)
        case "/dev/stderr": descriptor = fcntl(2, F_DUPFD_CLOEXEC, 3)
        default:
            descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        }
        guard descriptor >= 0 else { throw FileError("open", path, errno) }
        var status = stat()
        let isFile = unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        isRegular = isFile && !path.hasPrefix("/dev/")
        if truncating && isRegular && ftruncate(descriptor, 0) != 0 {
            let code = errno
            _ = Glibc.close(descriptor)
            throw FileError("empty", path, code)
        }
    }

    /// Bytes in the file, when it was last written to (nanoseconds since 1970), and whether it is
    /// still in a directory.
    func inspect() throws(FileError) -> (size: Int, modified: UInt64, isLinked: Bool) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw FileError("look at", path, errno)
        }
        let modified = max(0, status.st_mtim.tv_sec) * 1_000_000_000 + status.st_mtim.tv_nsec
        return (Int(status.st_size), UInt64(modified), status.st_nlink > 0)
    }

    /// Whether a regular file's last byte is something else than the end of a line.
    func endsInsideLine() -> Bool {
        let reader = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard isRegular, reader >= 0 else { return false }
        defer { _ = Glibc.close(reader) }
        var byte = UInt8(ascii: "\n")
        guard lseek(reader, -1, SEEK_END) >= 0, unsafe read(reader, &byte, 1) == 1 else {
            return false
        }
        return byte != UInt8(ascii: "\n")
    }

    /// Appends a record. If that fails half way, what was written is taken back; where that is
    /// impossible, the rest is written before anything else, so that a record is never cut.
    ///
    /// - Parameter patience: milliseconds to wait for what takes nothing at the moment, a pipe.
    mutating func append(_ record: Record, patience: Int32 = 5000) throws(FileError) {
        try finish(patience: patience)
        let size = isRegular ? try inspect().size : 0
        let (written, code) = write(record, patience)
        guard code != 0 else { return }
        if written == 0 { throw FileError("write to", path, code) }
        if isRegular, ftruncate(descriptor, off_t(size)) == 0 {
            throw FileError(
                "write to", path, code,
                note: " after \(written) of \(record.count) bytes, which were taken back")
        }
        unfinished = Array(record.bytes.dropFirst(written))
        throw FileError(
            "write to", path, code,
            note: " after \(written) of \(record.count) bytes; the rest follows first")
    }

    /// Writes what an earlier record still lacks.
    mutating func finish(patience: Int32 = 5000) throws(FileError) {
        guard !unfinished.isEmpty else { return }
        let (written, code) = write(Record(unfinished), patience)
        unfinished.removeFirst(written)
        if code != 0 { throw FileError("write to", path, code) }
    }

    /// Returns when the data is on stable storage; does nothing for what has none.
    func sync() throws(FileError) {
        guard isRegular else { return }
        if fdatasync(descriptor) != 0 { throw FileError("flush", path, errno) }
    }

    func close() { _ = Glibc.close(descriptor) }

    func setNonBlocking() -> Bool {
        fcntl(descriptor, F_SETFL, O_WRONLY | O_NONBLOCK) == 0
    }

    // MARK: writev

    private func write(_ record: Record, _ patience: Int32) -> (written: Int, code: Int32) {
        unsafe record.head.withUnsafeBytes { head in
            var vectors = unsafe [vector(head)]
            if let batch = record.batch {
                for index in 0..<batch.partCount {
                    // The batch keeps its bytes where they are until it is released, below.
                    unsafe batch.part(index).withUnsafeBytes { unsafe vectors.append(vector($0)) }
                }
            }
            let result = unsafe write(&vectors, patience)
            withExtendedLifetime(record) {}
            return result
        }
    }

    private func vector(_ bytes: UnsafeRawBufferPointer) -> iovec {
        unsafe iovec(
            iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
    }

    private func write(_ vectors: inout [iovec], _ patience: Int32) -> (written: Int, code: Int32) {
        let most = 1024  // IOV_MAX
        var next = 0
        var written = 0
        while true {
            while unsafe next < vectors.count && vectors[next].iov_len == 0 { next += 1 }
            if unsafe next == vectors.count { return (written, 0) }
            let count = unsafe vectors.withUnsafeBufferPointer {
                unsafe writev(
                    descriptor, $0.baseAddress! + next, Int32(min(most, $0.count - next)))
            }
            if count < 0 {
                if errno == EINTR { continue }
                if errno == EAGAIN, waitUntilWritable(patience) { continue }
                return (written, errno)
            }
            // A device that takes nothing and gives no reason would keep us here for ever.
            if count == 0 { return (written, EIO) }
            written += count
            var left = count
            while left > 0 {
                let taken = unsafe min(left, vectors[next].iov_len)
                unsafe vectors[next].iov_base = unsafe vectors[next].iov_base.map {
                    unsafe $0 + taken
                }
                unsafe vectors[next].iov_len -= taken
                left -= taken
                if unsafe vectors[next].iov_len == 0 { next += 1 }
            }
        }
    }

    /// For a terminal or pipe that someone else made non-blocking.
    private func waitUntilWritable(_ patience: Int32) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        let count = unsafe poll(&request, 1, patience)
        if count == 0 { errno = EAGAIN }
        return count > 0
    }
}

extension Record {
    /// A copy of all bytes.
    fileprivate var bytes: [UInt8] { head + (batch?.copyBytes() ?? []) }
}
