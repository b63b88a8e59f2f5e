import Glibc

/// Why something could not be stored or read back.
package struct StorageError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// Another process works in the directory.
        case inUse = "in_use"
        /// The directory or a file in it cannot be made, read or written.
        case unusable
        /// No room on the disk, or over a quota. What was there before is whole; try again later.
        case diskFull = "disk_full"
        /// The limit of this store has been reached. Try again later.
        case limit
        /// The disk failed. Try again later.
        case io = "io_error"
        /// What was stored is not what was read. It is in quarantine now.
        case damaged
        /// Nothing is stored under this number or key any more.
        case missing
        /// The store has been closed.
        case closed
    }

    package let code: Code
    /// What was found, what was expected, what to do.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// From what a system call said.
    package init(_ what: String, _ path: String, errno number: Int32) {
        let code: Code =
            switch number {
            case ENOSPC, EDQUOT, EFBIG: .diskFull
            case EACCES, EPERM, EROFS, ENOTDIR, ENOENT, EISDIR, ELOOP, ENAMETOOLONG: .unusable
            default: .io
            }
        self.init(code, "cannot \(what) \(path): \(Self.text(number))")
    }

    /// Whether the same may work later.
    package var mayRetry: Bool {
        switch code {
        case .diskFull, .limit, .io: true
        case .inUse, .unusable, .damaged, .missing, .closed: false
        }
    }

    package var description: String { message }

    private static func text(_ number: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        // The XSI one, which fills the buffer and returns 0.
        guard
            unsafe buffer.withUnsafeMutableBufferPointer({
                unsafe strerror_r(number, $0.baseAddress!, $0.count)
            }) == 0
        else { return "error \(number)" }
        return String(
            decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
