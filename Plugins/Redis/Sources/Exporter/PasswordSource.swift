import Glibc
import WeirSDK

/// A password that is written down or stands in a file.
enum PasswordSource {
    /// The first line of a file.
    static func read(_ path: String) throws(ComponentError) -> String {
        guard let file = unsafe fopen(path, "r") else {
            let reason = unsafe String(cString: strerror(errno))
            throw .retry("password_file \(path) cannot be read: \(reason)")
        }
        defer { _ = unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe fread($0.baseAddress, 1, $0.count, file)
        }
        let line = bytes.prefix(count).prefix { $0 != 10 && $0 != 13 }
        guard !line.isEmpty else {
            throw .retry("password_file \(path) is empty: expected the password on its first line")
        }
        return String(decoding: line, as: UTF8.self)
    }
}
