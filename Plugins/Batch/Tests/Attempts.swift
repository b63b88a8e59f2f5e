import Synchronization

/// When something was tried.
final class Attempts: Sendable {
    private let moments = Mutex<[UInt64]>([])

    func add(_ moment: UInt64) { moments.withLock { $0.append(moment) } }

    /// Milliseconds between attempts.
    var gaps: [UInt64] {
        moments.withLock { all in zip(all.dropFirst(), all).map { ($0 - $1) / 1_000_000 } }
    }
}
