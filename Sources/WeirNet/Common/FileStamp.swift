import Glibc
package import NIOCore
import Synchronization

/// Tells one state of a file from the next, also where another file takes its name (Kubernetes
/// replaces mounted secrets by moving a link).
struct FileStamp: Equatable, Sendable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let modified: [Int]

    /// `nil`: the file is not there.
    init?(_ path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modified = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
    }
}

/// What is made of a few files, and made again when one of them has changed; looked at when it is
/// used, at most once a second.
package final class FromFiles<Value: Sendable>: Sendable {
    static var interval: TimeAmount { .seconds(1) }

    private struct State: Sendable {
        var value: Value?
        var stamps: [FileStamp?] = []
        var checked: NIODeadline?
    }

    private let paths: [String]
    private let load: @Sendable () throws(NetError) -> Value
    private let state = Mutex(State())

    package init(_ paths: [String], _ load: @escaping @Sendable () throws(NetError) -> Value) {
        self.paths = paths
        self.load = load
    }

    /// The value of the files as they are now. While files that had been read cannot be read, because
    /// somebody is writing them, it stays as it was.
    package func value(at now: NIODeadline = .now()) throws(NetError) -> Value {
        try state.withLock { state throws(NetError) in
            if let value = state.value {
                if paths.isEmpty { return value }
                if let checked = state.checked, now - checked < Self.interval { return value }
            }
            let stamps = paths.map { FileStamp($0) }
            state.checked = now
            if let value = state.value, stamps == state.stamps { return value }
            do throws(NetError) {
                let value = try load()
                state.value = value
                state.stamps = stamps
                return value
            } catch {
                if let value = state.value { return value }
                throw error
            }
        }
    }
}
