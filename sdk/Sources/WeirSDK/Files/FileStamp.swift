import CWeirProcess

/// Tells one state of a file from the next, also where another file takes its name: Kubernetes
/// replaces mounted secrets by moving a link. Links are followed.
public struct FileStamp: Sendable, Equatable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let seconds: Int64
    private let nanoseconds: Int64

    /// The state of this moment; `nil`: the file is not there, or nobody may look. [any thread]
    public init?(_ path: String) {
        var stamp = weir_file_stamp()
        guard unsafe weir_file_stamp(path, &stamp) == 0 else { return nil }
        device = stamp.device
        inode = stamp.inode
        size = stamp.size
        seconds = stamp.seconds
        nanoseconds = stamp.nanoseconds
    }
}
