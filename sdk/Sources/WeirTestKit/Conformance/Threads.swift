import Synchronization
import WeirSDK

/// Runs the same work on several threads at once and waits for all of them.
///
/// - Returns: the first error that one of them threw.
public func onThreads(
    _ count: Int, _ work: @escaping () throws -> Void
) -> (any Error)? {
    let shared = SharedWork(work)
    let threads = (0..<count).map { _ in Threads.start { shared.run() } }
    for thread in threads {
        precondition(thread != nil, "no thread could be made")
        thread?.join()
    }
    return shared.failure
}

/// Runs what blocks on a thread of its own: on Swift's few threads it would hold up other tests.
public func onThread<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        let isStarted = Threads.detach { continuation.resume(with: Result { try work() }) }
        precondition(isStarted, "no thread could be made")
    }
}

private final class SharedWork: @unchecked Sendable {
    // Sendable: the work is for several threads by its purpose, and joined before the caller goes on.
    private let work: () throws -> Void
    private let state = Mutex<(any Error)?>(nil)

    init(_ work: @escaping () throws -> Void) { self.work = work }

    var failure: (any Error)? { state.withLock { $0 } }

    func run() {
        do { try work() } catch { state.withLock { if $0 == nil { $0 = error } } }
    }
}
