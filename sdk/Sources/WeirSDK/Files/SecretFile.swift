/// A file that holds a secret: a password, a token, a PIN. Whoever writes it may replace it at any
/// time, so it is read anew for each use, and nothing of it is kept.
///
/// Errors name the setting and the file, never what is in it: `retry` if the file cannot be read or
/// is empty, `refused` if it has more than 64 KiB. Reading blocks for as long as the file system
/// does. [any thread]
public struct SecretFile: Sendable, Equatable {
    public let path: String
    private let setting: String

    /// - Parameter setting: the key that names the file, for errors: `password_file`.
    public init(_ path: String, setting: String) {
        self.path = path
        self.setting = setting
    }

    /// The first line, without its end.
    public func line() throws(ComponentError) -> String {
        let line = try bytes().prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        return try text(line)
    }

    /// All of the text, without the white space around it.
    public func trimmed() throws(ComponentError) -> String {
        let isBlank = { (byte: UInt8) in byte <= UInt8(ascii: " ") }
        let bytes = try bytes()
        let end = bytes.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? 0
        return try text(bytes[..<end].drop(while: isBlank))
    }

    private func bytes() throws(ComponentError) -> [UInt8] {
        do throws(ComponentError) {
            return try Files.read(path, limit: 64 << 10)
        } catch {
            throw ComponentError(error.kind, "\(setting) \(error.message)")
        }
    }

    private func text(_ bytes: ArraySlice<UInt8>) throws(ComponentError) -> String {
        guard !bytes.isEmpty else {
            throw .retry("\(setting) \(path) is empty: expected the secret on its first line")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
