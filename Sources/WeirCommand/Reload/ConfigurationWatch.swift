import WeirRuntime
import Glibc
import Logging
import Synchronization
import WeirSystem

/// Notices when files of a configuration change: written in place, replaced, or swapped behind a
/// symbolic link, as Kubernetes does with the files of a ConfigMap.
///
/// It watches the folders, because a file that is replaced is another file, and compares contents,
/// because much happens in a folder that is no change of these files.
final class ConfigurationWatch: Sendable {
    /// A change counts once nothing has happened for so long: several files may be written, and each
    /// of them in several steps.
    private static let quietMilliseconds: Int32 = 300
    /// Or when it has not been quiet for so many times that.
    private static let maxRounds = 10

    private struct State {
        var files: [String] = []
        /// What was in them when they were read.
        var contents: [Int?] = []
    }

    private let descriptor: Int32
    private let logger: Logger
    private let state = Mutex(State())

    init(_ logger: Logger) {
        self.logger = logger
        descriptor = inotify_init1(Int32(O_CLOEXEC))
        if descriptor < 0 {
            logger.error("--watch does not work here: \(Self.reason)")
        }
    }

    /// Watches these files from now on, as they are now.
    func follow(_ files: [String]) {
        let files = files.filter { !$0.isEmpty && $0 != "-" && !$0.hasPrefix("<") }
        state.withLock { state in
            state.files = files
            state.contents = files.map(Self.fingerprint)
        }
        let mask =
            UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_TO) | UInt32(IN_MOVED_FROM)
            | UInt32(IN_CREATE) | UInt32(IN_DELETE)
        for folder in Set(files.flatMap(Self.folders)) where descriptor >= 0 {
            // One that is not there, or gone, cannot be watched; nor is there anything in it.
            if unsafe inotify_add_watch(descriptor, folder, mask) < 0, errno != ENOENT {
                logger.warning("--watch does not see changes in \(folder): \(Self.reason)")
            }
        }
    }

    /// Calls `changed`, on a thread of its own, each time after something changed. It reads the files
    /// and says by `follow` which they are then.
    func start(_ changed: @escaping @Sendable () -> Void) {
        guard descriptor >= 0 else { return }
        DetachedThread.start { [self] in
            while waits(-1) {
                var rounds = 0
                repeat {
                    forget()
                    rounds += 1
                } while rounds < Self.maxRounds && waits(Self.quietMilliseconds)
                if isChanged { changed() }
            }
        }
    }

    private var isChanged: Bool {
        let (files, contents) = state.withLock { ($0.files, $0.contents) }
        return files.map(Self.fingerprint) != contents
    }

    // MARK: The system

    private static var reason: String { unsafe String(cString: strerror(errno)) }

    private func waits(_ milliseconds: Int32) -> Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while true {
            let count = unsafe Glibc.poll(&poll, 1, milliseconds)
            if count >= 0 || errno != EINTR { return count > 0 }
        }
    }

    /// What happened does not matter, only that something did.
    private func forget() {
        var bytes = [UInt8](repeating: 0, count: 4096)
        _ = unsafe bytes.withUnsafeMutableBytes {
            unsafe read(descriptor, $0.baseAddress, $0.count)
        }
    }

    private static func fingerprint(_ path: String) -> Int? {
        guard let contents = try? System.contents(of: path) else { return nil }
        var hasher = Hasher()
        hasher.combine(contents)
        return hasher.finalize()
    }

    /// The folder of a file, and those of the links by which it is reached.
    static func folders(of path: String) -> [String] {
        var folders: [String] = []
        var path = path
        // As many as the system itself follows.
        for _ in 0..<40 {
            let folder = folder(of: path)
            folders.append(folder)
            guard let target = link(path) ?? link(folder).map({ "\($0)/\(name(of: path))" }) else {
                break
            }
            path = target
        }
        return folders
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func name(of path: String) -> Substring {
        path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
    }

    /// Where a symbolic link points to, seen from where it lies; `nil`: it is none.
    private static func link(_ path: String) -> String? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe readlink(
                path, buffer.baseAddress!.assumingMemoryBound(to: CChar.self), buffer.count)
        }
        guard count > 0 else { return nil }
        let target = String(decoding: bytes.prefix(count), as: UTF8.self)
        return target.hasPrefix("/") ? target : "\(folder(of: path))/\(target)"
    }
}
