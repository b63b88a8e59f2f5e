import Synchronization

/// The files that this process has opened. Without `append` a file is emptied when the process
/// starts to write it, and not when a reload restarts the sink: what is in it then is of this run.
enum OpenedFiles {
    private static let paths = Mutex<Set<String>>([])

    /// Whether nobody has asked for this path before.
    static func isFirst(_ path: String) -> Bool {
        paths.withLock { $0.insert(path).inserted }
    }
}
