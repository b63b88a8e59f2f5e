import Glibc
import WeirSDK

/// The text of a small file, without the white space around it; read anew each time, because whoever
/// writes it replaces it.
func readSecret(_ path: String, as key: String) throws(ComponentError) -> String {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path, key) }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    var count = 0
    while count < bytes.count {
        let got = unsafe bytes.withUnsafeMutableBytes {
            unsafe read(descriptor, $0.baseAddress! + count, $0.count - count)
        }
        if got < 0, errno == EINTR { continue }
        guard got >= 0 else { throw failure(path, key) }
        if got == 0 { break }
        count += got
    }
    guard count < bytes.count else {
        throw .refused("\(key) \(path) has 64 KiB or more, expected a token")
    }
    let isBlank = { (byte: UInt8) in byte <= 0x20 }
    let text = bytes[..<count].drop(while: isBlank).reversed().drop(while: isBlank).reversed()
    guard !text.isEmpty else { throw .retry("\(key) \(path) is empty, expected a token") }
    // A header cannot carry anything else.
    guard text.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
        throw .refused("\(key) \(path) has bytes that no token has, expected one line of text")
    }
    return String(decoding: text, as: UTF8.self)
}

private func failure(_ path: String, _ key: String) -> ComponentError {
    .retry("\(key) \(path) cannot be read: \(unsafe String(cString: strerror(errno)))")
}
