import Glibc
import Synchronization
import WeirSDK

/// A folder of a test's own. It is removed, with all that is in it, when it is released, and at the
/// latest when the process exits: what a `static` holds goes, too. [any thread]
public final class TemporaryFolder: Sendable {
    /// Absolute, without a slash at its end.
    public let path: String

    /// Makes it below `TMPDIR`, or `/tmp`.
    public init() throws {
        let base = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        let path = TemporaryFolder.fresh(below: base)
        // Servers that run as another user read in it.
        guard let path, unsafe chmod(path, 0o755) == 0 else {
            throw TestFailure("no folder could be made in \(base): errno \(errno)")
        }
        self.path = path
        TemporaryFolder.leftOver.withLock { _ = $0.insert(path) }
        _ = TemporaryFolder.isCleanedAtExit
    }

    deinit {
        TemporaryFolder.leftOver.withLock { _ = $0.remove(path) }
        TemporaryFolder.remove(path)
    }

    /// The path of something in it.
    public func path(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file, and makes the folders above it. As careful writers do it: a new file takes the
    /// name, with another inode.
    ///
    /// - Returns: its path.
    @discardableResult
    public func write(_ text: String, to name: String) throws -> String {
        let path = try makeFolders(above: name)
        let new = path + ".new"
        guard let file = unsafe fopen(new, "w") else {
            throw TestFailure("\(new) cannot be written: errno \(errno)")
        }
        let bytes = Array(text.utf8)
        let count = unsafe fwrite(bytes, 1, bytes.count, file)
        guard unsafe fclose(file) == 0, count == bytes.count, unsafe rename(new, path) == 0 else {
            throw TestFailure("\(path) cannot be written: errno \(errno)")
        }
        return path
    }

    /// Makes a folder in it, and those above it.
    ///
    /// - Returns: its path.
    @discardableResult
    public func makeFolder(_ name: String) throws -> String {
        _ = try makeFolders(above: name + "/")
        return path(name)
    }

    /// Makes a symbolic link, or lets an old one lead elsewhere.
    public func link(_ name: String, to target: String) throws {
        let path = try makeFolders(above: name)
        _ = unsafe unlink(path)
        guard unsafe symlink(target, path) == 0 else {
            throw TestFailure("\(path) cannot be linked: errno \(errno)")
        }
    }

    /// The text of a file, of at most 64 MiB.
    public func read(_ name: String) throws -> String {
        String(decoding: try Files.read(path(name), limit: 64 << 20), as: UTF8.self)
    }

    /// Removes a file, or a folder with all that is in it. Nothing happens if it is not there.
    public func remove(_ name: String) { TemporaryFolder.remove(path(name)) }

    private func makeFolders(above name: String) throws -> String {
        var made = path
        for step in name.split(separator: "/", omittingEmptySubsequences: false).dropLast() {
            made += "/" + step
            guard unsafe mkdir(made, 0o755) == 0 || errno == EEXIST else {
                throw TestFailure("the folder \(made) cannot be made: errno \(errno)")
            }
        }
        return path(name)
    }

    // MARK: Coming and going

    private static func fresh(below base: String) -> String? {
        var name = Array("\(base)/weir-test-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&name) != nil else { return nil }
        return String(
            decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func remove(_ path: String) {
        // A link to a folder is removed and not followed.
        if unsafe Glibc.remove(path) == 0 { return }
        for name in (try? Files.names(in: path)) ?? [] { remove("\(path)/\(name)") }
        _ = unsafe Glibc.remove(path)
    }

    private static let leftOver = Mutex<Set<String>>([])
    private static let isCleanedAtExit =
        atexit {
            for path in TemporaryFolder.leftOver.withLock({ $0 }) { TemporaryFolder.remove(path) }
        } == 0
}
