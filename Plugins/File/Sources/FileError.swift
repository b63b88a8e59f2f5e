import Glibc

/// What the file system did not do, and what to do about it.
package struct FileError: Error, Equatable, CustomStringConvertible {
    package var description: String

    init(_ description: String) { self.description = description }

    /// - Parameter code: an `errno`.
    init(_ action: String, _ path: String, _ code: Int32, note: String = "") {
        let reason = unsafe String(cString: strerror(code))
        description = "cannot \(action) '\(path)': \(reason)\(note)\(FileError.advice(code))"
    }

    private static func advice(_ code: Int32) -> String {
        switch code {
        case ENOSPC, EDQUOT: "; free some space"
        case EFBIG: "; raise the limit on file sizes (ulimit -f), or let the file rotate earlier"
        case EACCES, EPERM: "; give the runtime's user the right to write there"
        case EROFS: "; choose a path on a file system that can be written"
        case ENOENT: "; make the directory, or set create_directory"
        case ENOTDIR: "; choose a path below a directory"
        case EISDIR: "; choose the path of a file"
        default: ""
        }
    }
}
