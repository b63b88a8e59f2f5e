import Glibc

/// The system calls whose failures matter, so that tests can make them fail.
@safe struct DiskCalls: Sendable {
    /// pwritev(2).
    var write: @Sendable (Int32, UnsafePointer<iovec>, Int32, off_t) -> Int
    /// fdatasync(2).
    var sync: @Sendable (Int32) -> Int32
    /// ftruncate(2).
    var truncate: @Sendable (Int32, off_t) -> Int32

    static let system = unsafe DiskCalls(
        write: { unsafe pwritev($0, $1, $2, $3) }, sync: { fdatasync($0) },
        truncate: { ftruncate($0, $1) })
}

/// An open file, closed with its last reference.
final class OpenFile: Sendable {
    let descriptor: Int32
    let path: String

    init(_ path: String, _ flags: Int32, mode: mode_t = 0o640) throws(StorageError) {
        var descriptor = unsafe open(path, flags | O_CLOEXEC, mode)
        while descriptor < 0, errno == EINTR {
            unsafe descriptor = open(path, flags | O_CLOEXEC, mode)
        }
        guard descriptor >= 0 else {
            throw StorageError(flags & O_CREAT == 0 ? "open" : "make", path, errno: errno)
        }
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    var size: UInt64 {
        get throws(StorageError) {
            var status = stat()
            guard unsafe fstat(descriptor, &status) == 0 else {
                throw StorageError("look at", path, errno: errno)
            }
            return UInt64(status.st_size)
        }
    }

    /// Fills the memory from an offset. Returns how much there was.
    func read(into memory: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(StorageError)
        -> Int
    {
        var done = 0
        while done < memory.count {
            let count = unsafe pread(
                descriptor, memory.baseAddress! + done, memory.count - done,
                off_t(offset) + off_t(done))
            if count < 0 {
                if errno == EINTR { continue }
                throw StorageError("read", path, errno: errno)
            }
            if count == 0 { break }
            done += count
        }
        return done
    }

    func read(_ count: Int, at offset: UInt64) throws(StorageError) -> [UInt8] {
        var failure: StorageError?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { memory, filled in
            do throws(StorageError) {
                filled = unsafe try read(into: UnsafeMutableRawBufferPointer(memory), at: offset)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
