import Glibc
import WeirSDK

/// The PIN of the settings, and what this exporter knows of it.
struct PINKeeper: Sendable {
    private let pin: String?
    private let file: String?
    /// A token has taken it.
    var isProven = false
    /// A login did not return, so that nobody knows whether the token has counted a wrong PIN.
    var isUncertain = false
    private var last: String?

    init(pin: String?, file: String?) {
        self.pin = pin
        self.file = file
    }

    /// The PIN of this moment, `nil` if there is to be none. Compared is the PIN and not the age of
    /// its file: the same wrong one may have been written again.
    mutating func current() throws(ComponentError) -> String? {
        var known = pin
        if let file { known = try PINKeeper.read(file) }
        if known != last { (isProven, isUncertain) = (false, false) }
        last = known
        return known
    }

    private static func read(_ path: String) throws(ComponentError) -> String {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            throw .retry(
                "pin_file \(path) cannot be opened (error \(errno)); expected a file with the PIN")
        }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 1025)
        let capacity = bytes.count
        let count = unsafe Glibc.read(file, &bytes, capacity)
        guard count >= 0, count < capacity else {
            throw .retry("pin_file \(path) is not a file of at most 1024 bytes")
        }
        let text = bytes.prefix(count)
        let end = text.lastIndex { $0 != 0x0a && $0 != 0x0d }.map { $0 + 1 } ?? 0
        guard end > 0 else { throw .retry("pin_file \(path) is empty; expected the PIN") }
        return String(decoding: text[..<end], as: UTF8.self)
    }
}
