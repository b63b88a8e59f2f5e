import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Runs the same work on several threads at once and waits for all of them.
///
/// - Returns: the first error that one of them threw.
public func onThreads(
    _ count: Int, _ work: @escaping () throws -> Void
) -> (any Error)? {
    let shared = SharedWork(work)
    var threads: [pthread_t] = []
    for _ in 0..<count {
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(shared).toOpaque()
        let result = unsafe pthread_create(
            &thread, nil,
            { context in
                unsafe Unmanaged<SharedWork>.fromOpaque(context!).takeRetainedValue().run()
                return nil
            }, context)
        precondition(result == 0, "no thread could be made")
        threads.append(thread)
    }
    for thread in threads { _ = pthread_join(thread, nil) }
    return shared.failure
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
