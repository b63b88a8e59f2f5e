import Glibc
import WeirSDK

/// An open folder: files in it are read without their path being looked up again.
struct Folder: ~Copyable {
    private let descriptor: Int32
    private let reader: FileReader

    init(_ path: String, _ reader: FileReader) throws(CollectorFailure) {
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY)
        self.reader = reader
        guard descriptor >= 0 else { throw CollectorFailure(path, errno) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// A file in it, without blanks around; `nil` if it cannot be read, which in /sys is how a device
    /// says that it does not know.
    func text(_ name: String) -> Text? {
        (try? reader.read(name, in: descriptor))?.trimmed
    }

    func integer(_ name: String) -> Int64? { text(name)?.integer }
    func unsigned(_ name: String) -> UInt64? { text(name)?.unsigned }

    /// As text, for a label.
    func label(_ name: String) -> String { text(name)?.string ?? "" }

    /// What is in a folder, sorted, without hidden files; empty if it is not there.
    static func names(_ path: String) -> [String] {
        ((try? Files.names(in: path)) ?? []).filter { !$0.hasPrefix(".") }
    }

    /// Where a link leads to, as it is written.
    static func target(of path: String) -> String? {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
            let length = unsafe readlink(path, buffer.baseAddress!, buffer.count)
            guard length > 0 else { return nil }
            return unsafe String(
                decoding: UnsafeRawBufferPointer(buffer)[..<length], as: UTF8.self)
        }
    }
}
