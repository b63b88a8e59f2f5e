import Glibc

/// The calls into the C library.
struct SystemFiles: Sendable {
    let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))

    /// The first page of a small file as text; `nil` where it cannot be read.
    func read(_ path: String) -> String? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        return unsafe withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { page in
            let count = unsafe Glibc.read(file, page.baseAddress!, page.count)
            guard count >= 0 else { return nil }
            return unsafe String(decoding: UnsafeRawBufferPointer(page)[..<count], as: UTF8.self)
        }
    }

    /// `malloc_trim` is glibc's own and not in its module; other C libraries lack it.
    private let mallocTrim = unsafe unsafeBitCast(
        dlsym(nil, "malloc_trim"), to: (@convention(c) (Int) -> Int32)?.self)

    /// Gives free memory of the allocator back to the system.
    func trim() { _ = mallocTrim?(0) }
}
