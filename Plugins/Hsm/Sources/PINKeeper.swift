import Glibc
import WeirSDK

/// The PIN, and whether it may be tried: one that a token refused never is again, since tokens lock
/// themselves after a few wrong ones.
struct PINKeeper: Sendable {
    private let pin: String?
    private let file: String?
    private var refused: (pin: String, code: String)?

    init(pin: String?, file: String?) {
        self.pin = pin
        self.file = file
    }

    enum Answer: Equatable { case none, pin(String), refused(code: String) }

    /// The PIN of this moment. Compared is the PIN and not the age of its file: the same wrong one
    /// may have been written again.
    func current() throws(ComponentError) -> Answer {
        var known = pin
        if let file { known = try PINKeeper.read(file) }
        guard let pin = known else { return .none }
        if let refused, refused.pin == pin { return .refused(code: refused.code) }
        return .pin(pin)
    }

    mutating func wasRefused(_ pin: String, _ code: String) { refused = (pin, code) }

    private static func read(_ path: String) throws(ComponentError) -> String {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
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
