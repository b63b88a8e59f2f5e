import Glibc
import WeirSDK

/// Files as the operating system has them.
enum TargetFile {
    /// Where relative paths begin.
    static var folder: String {
        guard let path = unsafe getcwd(nil, 0) else { return "?" }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }

    /// The paths that match a pattern, in order; none if nothing does.
    static func matching(_ pattern: String) -> [String] {
        var found = unsafe glob_t()
        defer { unsafe globfree(&found) }
        guard unsafe glob(pattern, GLOB_PERIOD, nil, &found) == 0 else { return [] }
        return unsafe (0..<Int(found.gl_pathc)).compactMap { index in
            unsafe found.gl_pathv[index].map { unsafe String(cString: $0) }
        }
    }

    /// The whole file, at most 64 MiB. Throws `refused` with the reason.
    static func read(_ path: String) throws(ComponentError) -> [UInt8] {
        do throws(ComponentError) {
            return try Files.read(path, limit: 64 << 20)
        } catch {
            throw .refused(error.message)
        }
    }
}
